import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arbitraryProgram,
  conformanceGroups,
  contractLaws,
  type MockOptions,
  mockDevice,
  runCase,
  runCases,
} from "../conformance";
import { aval, buildProgram, core, dtypes, literal, scheduled } from "../index";
import { hostValue, referenceBackend } from "../reference";

const mock = (options: MockOptions = {}) => {
  const device = mockDevice(options);
  const host = referenceBackend();
  const warnings: string[] = [];
  return { device, host, warnings, backend: scheduled(device, host, { warn: (m) => warnings.push(m) }) };
};

const lacking = ["sort", "gather", "dotGeneral", "exp", "slice", "concatenate", "select", "reduceSum", "randomBits"];
const kinds: readonly (readonly [string, MockOptions])[] = [
  ["with every kernel", {}],
  ["that fuses", { fuses: 4 }],
  ["that lacks kernels", { lacks: lacking }],
  ["that fuses, lacks kernels and reads at once", { fuses: 100, lacks: lacking, syncRead: true }],
  ["that holds floats only", { dtypes: ["float32", "float64"], hosted: ["int32", "uint32", "bool", "key"], fuses: 3 }],
];

describe.each(kinds)("a mock device %s", (_, options) => {
  // Every dtype once; what differs between the kinds does not depend on it.
  const groups = conformanceGroups({
    dtypes: options.lacks || options.fuses ? ["float32", "int32", "bool", "key"] : dtypes,
  });
  test.each(groups)("agrees on $name and leaks nothing anywhere", async ({ cases }) => {
    const { backend, device, host } = mock(options);
    expect(await runCases(backend, cases, { once: true })).toEqual([]);
    expect(device.alive()).toBe(0);
    expect(host.live()).toEqual({ buffers: 0, bytes: 0 });
  });
  test("runs random programs, with donated inputs too", async () => {
    const { backend, device, host } = mock(options);
    const programs = arbitraryProgram(fc, { dtypes });
    await fc.assert(
      fc.asyncProperty(programs, async (c) => {
        expect(await runCase(backend, c)).toBeNull();
        expect(device.alive()).toBe(0);
      }),
      { numRuns: 150 },
    );
    expect(host.live()).toEqual({ buffers: 0, bytes: 0 });
  });
  test.each(contractLaws)("keeps the contract: $name", (law) => law.check(mock(options).backend));
});

describe("a planted fault in one kernel makes conformance fail", () => {
  const nudge = (xs: ArrayLike<number | bigint>): void => {
    const a = xs as Float64Array | BigUint64Array;
    const last = a.length - 1;
    if (last < 0) return;
    if (a instanceof BigUint64Array) a[last] += 1n;
    else a[last] = a instanceof Uint8Array ? 1 - a[last] : a[last] === 0 ? 1 : a[last] * (1 + 2 ** -6) + 1e-3;
  };
  // The last element of a result is off; everything else is right.
  test.each([
    "add",
    "exp",
    "floorDiv",
    "shiftLeft",
    "lt",
    "select",
    "convert",
    "bitcast",
    "iota",
    "reduceSum",
    "argmax",
    "cumProd",
    "dotGeneral",
    "convGeneral",
    "reduceWindow",
    "transpose",
    "pad",
    "dynamicUpdateSlice",
    "gather",
    "scatter",
    "sort",
    "randomBits",
    "randomFoldIn",
  ])("%s", async (op) => {
    const { backend } = mock({ fault: (name, outs) => name === op && nudge(outs[0]) });
    const [group] = conformanceGroups({ dtypes, ops: [op] });
    const found = await runCases(backend, group.cases);
    expect(found.length).toBeGreaterThan(group.cases.length / 4);
    expect(found.filter((m) => !(m.law === "value" && m.message.includes(op)))).toEqual([]);
  });
  test("storage a device does not give back shows in its own count", async () => {
    const device = mockDevice();
    const leaky = scheduled({ ...device, free: () => {} }, referenceBackend());
    const [group] = conformanceGroups({ dtypes: ["float64", "int32", "bool"], ops: ["add"] });
    // The scheduler's books are right; the device's are what leaks.
    expect(await runCases(leaky, group.cases)).toEqual([]);
    expect(device.alive()).toBeGreaterThan(0);
  });
});

test("a device whose functions are off by two ulps, up or down, passes: the tolerances are fair", async () => {
  const curves =
    /^(exp|expm1|log|log1p|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|asinh|acosh|atanh|cbrt|erf|erfc|pow)$/;
  let n = 0;
  const blur = (xs: Float32Array | Float64Array): void => {
    const eps = xs instanceof Float32Array ? 2 ** -23 : 2 ** -52;
    // A result of ±0 or ±1 may be exact by law; two ulps are at most 2 ε of a result.
    for (const [k, x] of xs.entries()) xs[k] = x * (1 + (n++ % 2 ? 2 : -2) * eps);
  };
  const { backend } = mock({ fault: (op, outs) => curves.test(op) && blur(outs[0] as Float32Array) });
  for (const g of conformanceGroups({ dtypes: ["float32", "float64", "int32", "bool"] }))
    if (curves.test(g.op)) expect(await runCases(backend, g.cases, { once: true }), g.name).toEqual([]);
  await fc.assert(
    fc.asyncProperty(arbitraryProgram(fc, { dtypes: ["float32", "int32", "bool"] }), async (c) => {
      expect(await runCase(backend, c, { once: true })).toBeNull();
    }),
    { numRuns: 300 },
  );
});

describe("waiting", () => {
  const x = aval([2], "float64");
  const put = (b: ReturnType<typeof mock>["backend"], ...v: number[]) =>
    b.upload(hostValue("float64", [v.length], v).data, aval([v.length], "float64"));
  const doubleUntil100 = buildProgram([x], (emit, a) => {
    const cond = buildProgram([x], (e, c) =>
      e(core.lt, {}, e(core.reduceMax, { axes: [0] }, c)[0], literal(100, "float64")),
    );
    const body = buildProgram([x], (e, c) => e(core.add, {}, c, c));
    return emit(core.whileLoop, { cond, body, condConsts: 0, bodyConsts: 0 }, a);
  });

  test("run returns pending buffers and never waits; later runs queue behind, results come in order", async () => {
    const { backend, device } = mock();
    const loop = backend.compile(doubleUntil100);
    const twice = backend.compile(buildProgram([x], (emit, a) => emit(core.add, {}, a, a)));
    const a = put(backend, 1, 2);
    const [b] = loop.run([a]);
    const [c] = twice.run([b], [true]);
    const [d] = loop.run([c]);
    expect(() => backend.free(b)).toThrow(/donated/);
    expect([...(await backend.read(d))]).toEqual([128, 256]);
    expect([...(await backend.read(c))]).toEqual([128, 256]);
    for (const q of [a, c, d]) backend.free(q);
    loop.dispose();
    twice.dispose();
    expect(device.alive()).toBe(0);
  });
  test("a pending buffer may be freed before it comes, and its program disposed", async () => {
    const { backend, device } = mock();
    const loop = backend.compile(doubleUntil100);
    const a = put(backend, 1, 2);
    const [b] = loop.run([a]);
    const [c] = loop.run([a]);
    loop.dispose();
    backend.free(b);
    backend.free(a);
    expect([...(await backend.read(c))]).toEqual([64, 128]);
    backend.free(c);
    expect(device.alive()).toBe(0);
    expect(backend.live()).toEqual({ buffers: 0, bytes: 0 });
  });
  test("a counted loop over integers reads nothing back", async () => {
    const { backend } = mock();
    const i32 = aval([], "int32");
    const cond = buildProgram([i32, x], (e, i) => e(core.lt, {}, i, literal(50, "int32")));
    const body = buildProgram([i32, x], (e, i, c) => [
      e(core.add, {}, i, literal(1, "int32"))[0],
      e(core.add, {}, c, c)[0],
    ]);
    const exe = backend.compile(
      buildProgram([x], (e, a) =>
        e(core.whileLoop, { cond, body, condConsts: 0, bodyConsts: 0 }, literal(0, "int32"), a).slice(1),
      ),
    );
    const [out] = exe.run([put(backend, 1, 3)]);
    expect(backend.counts()).toEqual({ dispatches: 50, reads: 0, fallbacks: {} });
    expect([...(await backend.read(out))]).toEqual([2 ** 50, 3 * 2 ** 50]);
  });
  test("an error of the device surfaces at the next read of what depends on it, and names the op", async () => {
    const { backend, device } = mock({
      fault: (op) => {
        if (op === "exp") throw new Error("context lost");
      },
    });
    const exe = backend.compile(
      buildProgram([x], (emit, a) => [emit(core.exp, {}, a)[0], emit(core.add, {}, a, a)[0]]),
    );
    const after = backend.compile(buildProgram([x], (emit, a) => emit(core.add, {}, a, a)));
    const a = put(backend, 1, 2);
    const outs = exe.run([a]);
    const [dependent] = after.run([outs[0]]);
    const [independent] = after.run([a]);
    await expect(backend.read(outs[0])).rejects.toThrow(/exp: failed on mock: context lost/);
    await expect(backend.read(dependent)).rejects.toThrow(/exp/);
    expect([...(await backend.read(independent))]).toEqual([2, 4]);
    for (const b of [a, ...outs, dependent, independent]) backend.free(b);
    expect(device.alive()).toBe(0);
  });
  test("where the device reads at once, a loop over its values is done when run returns", () => {
    const { backend } = mock({ syncRead: true });
    const a = put(backend, 1, 2);
    const [b] = backend.compile(doubleUntil100).run([a]);
    expect([...(backend.readSync?.(b) ?? [])]).toEqual([64, 128]);
  });
});

describe("fallbacks", () => {
  const x = aval([40], "float64");
  const program = buildProgram([x], (emit, a) => {
    const body = buildProgram([x], (e, c) => {
      const [s] = e(core.sort, { axis: 0, keys: 1 }, c);
      return e(core.mul, {}, e(core.add, {}, s, s)[0], e(core.neg, {}, s)[0]);
    });
    return emit(core.scan, { body, length: 20, consts: 0, carry: 1, reverse: false }, a);
  });
  test("are counted, shown by explain, and warned about once in a hot loop", async () => {
    const { backend, warnings } = mock({ lacks: ["sort"], fuses: 10 });
    expect(backend.explain(program)).toBe(
      [
        "scan    of length 20 → float64[40]",
        "  body:",
        "    host    sort (no kernel on the device) → float64[40]",
        "    device  add, neg, mul (3 fused) → float64[40]",
        "on the host for want of a kernel: sort",
      ].join("\n"),
    );
    const exe = backend.compile(program);
    const input = backend.upload(hostValue("float64", [40], Array(40).fill(0.1)).data, x);
    for (let i = 0; i < 3; i++) await backend.read(exe.run([input])[0]);
    expect(backend.counts().fallbacks).toEqual({ sort: 60 });
    expect(warnings).toEqual([
      expect.stringMatching(/mock: sort has no kernel here and runs on the host inside a loop/),
    ]);
  });
  test("a dtype the device lacks is refused with the name of one that has it", () => {
    const { backend } = mock({ dtypes: ["float32", "int32", "bool"] });
    expect(() => backend.compile(program)).toThrow(/has no float64.*wasm/);
    expect(() => backend.upload(new Float64Array(1), aval([1], "float64"))).toThrow(/has no float64.*wasm/);
  });
  test("a host that cannot read at once is refused", () => {
    expect(() => scheduled(mockDevice(), mock().backend)).toThrow(/read synchronously/);
  });
});
