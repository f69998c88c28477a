import { describe, expect, test } from "vitest";
import {
  Bytes,
  type FunctionBuilder,
  f32,
  f64,
  i32,
  i64,
  type Local,
  ModuleBuilder,
  type ValType,
  v128,
} from "./index";
import { eachOp, naturalAlign, tables } from "./ops";

function instantiate(m: ModuleBuilder, imports: WebAssembly.Imports = {}): Record<string, (...args: never[]) => never> {
  return new WebAssembly.Instance(new WebAssembly.Module(m.finish() as BufferSource), imports).exports as never;
}

/** Assembles one function, with a page of memory, and returns it. */
function assemble<A extends unknown[], R>(
  params: ValType[],
  results: ValType[],
  body: (f: FunctionBuilder, ...p: Local[]) => unknown,
): (...args: A) => R {
  const m = new ModuleBuilder();
  m.memory({ min: 1 });
  m.export("run", m.func(params, results, body));
  return instantiate(m).run as never;
}

function unsignedLeb(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 128 + (byte & 0x7f), 0);
}

function signedLeb(bytes: Uint8Array): bigint {
  const value = bytes.reduceRight((v, byte) => v * 128n + BigInt(byte & 0x7f), 0n);
  return BigInt.asIntN(7 * bytes.length, value);
}

describe("LEB128", () => {
  const edges = [0, 1, 63, 64, 127, 128, 8191, 8192, 16383, 16384, 2 ** 21, 2 ** 27 - 1, 2 ** 28, 2 ** 31 - 1];

  test("unsigned numbers come back and are as short as possible", () => {
    for (const x of [...edges, 2 ** 31, 2 ** 32 - 1]) {
      const b = new Bytes(1);
      b.u32(x);
      expect(unsignedLeb(b.slice())).toBe(x);
      expect(b.length).toBe(Math.max(1, Math.ceil(Math.log2(x + 1) / 7)));
    }
  });

  test("signed numbers come back at every edge of every length", () => {
    for (const e of edges)
      for (const x of [e, -e, -e - 1]) {
        const b = new Bytes(1);
        b.s32(x);
        expect(signedLeb(b.slice())).toBe(BigInt(x));
        const wide = new Bytes(1);
        wide.s64(x);
        expect([...wide.slice()]).toEqual([...b.slice()]);
      }
    for (const x of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 62n, -(2n ** 62n) - 1n]) {
      const b = new Bytes(1);
      b.s64(x);
      expect(signedLeb(b.slice())).toBe(x);
    }
  });

  test("constants survive the engine's own decoder", () => {
    for (const x of [0, -1, 63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31)])
      expect(assemble([], [i32], (f) => f.i32.const(x))()).toBe(x);
    expect(assemble([], [i32], (f) => f.i32.const(0xffffffff))()).toBe(-1);
    for (const x of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)])
      expect(assemble([], [i64], (f) => f.i64.const(x))()).toBe(x);
    for (const x of [0, -0, Number.NaN, -Infinity, 5e-324, Math.PI]) {
      expect(assemble([], [f64], (f) => f.f64.const(x))()).toBe(x);
      expect(assemble([], [f32], (f) => f.f32.const(x))()).toBe(Math.fround(x));
    }
  });
});

describe("op tables", () => {
  // After `unreachable` the stack has every type, so what is checked is that the opcode exists and its immediates fit.
  test.each(Object.entries(tables))("every op of %s is accepted by the engine", (namespace, table) => {
    let seen = 0;
    eachOp(table, (name) => {
      if (name.startsWith("relaxed")) return; // not in every engine; see below
      seen++;
      const m = new ModuleBuilder();
      m.memory({ min: 1 });
      m.func([], [], (f) => {
        f.unreachable();
        (f as unknown as Record<string, Record<string, () => void>>)[namespace]?.[name]?.();
        f.unreachable();
      });
      expect(WebAssembly.validate(m.finish() as BufferSource), `${namespace}.${name}`).toBe(true);
    });
    expect(seen).toBeGreaterThan(20);
  });

  test("the alignment written is the largest one allowed", () => {
    let memoryOps = 0;
    for (const [namespace, table] of Object.entries(tables))
      eachOp(table, (name) => {
        if (!/^(load|store)/.test(name)) return;
        memoryOps++;
        const accepted = (align: number) => {
          const m = new ModuleBuilder();
          m.memory({ min: 1 });
          m.func([], [], (f) => {
            f.unreachable();
            const op = (f as unknown as Record<string, Record<string, (offset: number, align: number) => void>>)[
              namespace
            ];
            op?.[name]?.(0, align);
            f.unreachable();
          });
          return WebAssembly.validate(m.finish() as BufferSource);
        };
        if (name.endsWith("_lane")) return; // takes no alignment argument; covered by the test above
        const align = naturalAlign(namespace, name);
        expect([accepted(align), accepted(align + 1)], `${namespace}.${name}`).toEqual([true, false]);
      });
    expect(memoryOps).toBeGreaterThan(40);
  });

  const u = (x: number) => x >>> 0;
  const b = (x: boolean) => Number(x);
  const rotl = (x: number, n: number) => (x << (n & 31)) | (n & 31 ? x >>> (32 - (n & 31)) : 0);
  const onIntegers: Record<string, (x: number, y: number) => number> = {
    eq: (x, y) => b(x === y),
    ne: (x, y) => b(x !== y),
    lt_s: (x, y) => b(x < y),
    lt_u: (x, y) => b(u(x) < u(y)),
    gt_s: (x, y) => b(x > y),
    gt_u: (x, y) => b(u(x) > u(y)),
    le_s: (x, y) => b(x <= y),
    le_u: (x, y) => b(u(x) <= u(y)),
    ge_s: (x, y) => b(x >= y),
    ge_u: (x, y) => b(u(x) >= u(y)),
    add: (x, y) => (x + y) | 0,
    sub: (x, y) => (x - y) | 0,
    mul: (x, y) => Math.imul(x, y),
    div_s: (x, y) => (x / y) | 0,
    div_u: (x, y) => (u(x) / u(y)) | 0,
    rem_s: (x, y) => (x % y) | 0,
    rem_u: (x, y) => (u(x) % u(y)) | 0,
    and: (x, y) => x & y,
    or: (x, y) => x | y,
    xor: (x, y) => x ^ y,
    shl: (x, y) => x << y,
    shr_s: (x, y) => x >> y,
    shr_u: (x, y) => (x >>> y) | 0,
    rotl,
    rotr: (x, y) => rotl(x, -y),
  };
  const integers = [1, -1, 7, -8, 33, 0x12345678, -0x7654321];

  test.each(Object.entries(onIntegers))("i32.%s means what JavaScript says", (name, meaning) => {
    const run = assemble<[number, number], number>([i32, i32], [i32], (f, x, y) =>
      f.get(x).get(y).i32[name as "add"](),
    );
    for (const x of integers) for (const y of integers) expect(run(x, y), `${x} ${y}`).toBe(meaning(x, y));
  });

  test.each(Object.entries(onIntegers))("i64.%s agrees on numbers of 32 bits", (name, meaning) => {
    const signed = !name.endsWith("_u");
    const compare = /^(eq|ne|lt|gt|le|ge)/.test(name);
    const run = assemble<[number, number], number>([i32, i32], [i32], (f, x, y) => {
      for (const p of [x, y]) f.get(p).i64[signed ? "extend_i32_s" : "extend_i32_u"]();
      f.i64[name as "add"]();
      if (!compare) f.i32.wrap_i64();
    });
    if (/^(rot|sh)/.test(name))
      return expect(
        assemble<[bigint, bigint], bigint>([i64, i64], [i64], (f, x, y) => f.get(x).get(y).i64[name as "add"]())(
          -(2n ** 40n),
          4n,
        ),
      ).toBe(
        name === "shr_u"
          ? (2n ** 64n - 2n ** 40n) >> 4n
          : name === "shr_s" || name === "rotr"
            ? name === "rotr"
              ? 2n ** 60n - 2n ** 36n
              : -(2n ** 36n)
            : name === "shl"
              ? -(2n ** 44n)
              : BigInt.asIntN(64, (2n ** 64n - 2n ** 44n) | 15n),
      );
    for (const x of integers) for (const y of integers) expect(run(x, y), `${x} ${y}`).toBe(meaning(x, y));
  });

  const even = (x: number) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
  const onFloats: Record<string, (x: number, y: number) => number> = {
    add: (x, y) => x + y,
    sub: (x, y) => x - y,
    mul: (x, y) => x * y,
    div: (x, y) => x / y,
    min: Math.min,
    max: Math.max,
    copysign: (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
    eq: (x, y) => b(x === y),
    ne: (x, y) => b(x !== y),
    lt: (x, y) => b(x < y),
    gt: (x, y) => b(x > y),
    le: (x, y) => b(x <= y),
    ge: (x, y) => b(x >= y),
  };
  const ofOneFloat: Record<string, (x: number) => number> = {
    abs: Math.abs,
    neg: (x) => -x,
    ceil: Math.ceil,
    floor: Math.floor,
    trunc: Math.trunc,
    nearest: even,
    sqrt: Math.sqrt,
  };
  const floats = [0, -0, 1.5, -2.5, 0.25, 3, -7, Infinity, Number.NaN];

  test.each(Object.keys(onFloats))("float %s means what JavaScript says, in scalars and in lanes", (name) => {
    const meaning = onFloats[name] as (x: number, y: number) => number;
    const compare = /^(eq|ne|lt|gt|le|ge)$/.test(name);
    for (const [type, scalar, vector, zero] of [
      [f64, "f64", "f64x2", 0],
      [f32, "f32", "f32x4", 0],
    ] as const) {
      const run = assemble<[number, number], number>([type, type], [compare ? i32 : type], (f, x, y) =>
        f.get(x).get(y)[scalar][name as "add"](),
      );
      const lane =
        name === "copysign"
          ? run
          : assemble<[number, number], number>([type, type], [compare ? i32 : type], (f, x, y) => {
              f.get(x)[vector].splat().get(y)[vector].splat()[vector][name as "add"]();
              if (compare) f.v128.any_true();
              else f[vector].extract_lane(zero);
            });
      const round = type === f32 ? Math.fround : (x: number) => x;
      for (const x of floats)
        for (const y of floats) {
          expect(run(x, y), `${scalar} ${x} ${y}`).toBe(round(meaning(x, y)));
          expect(lane(x, y), `${vector} ${x} ${y}`).toBe(round(meaning(x, y)));
        }
    }
  });

  test.each(Object.keys(ofOneFloat))("float %s of one argument means what JavaScript says", (name) => {
    for (const [type, scalar, vector] of [
      [f64, "f64", "f64x2"],
      [f32, "f32", "f32x4"],
    ] as const)
      for (const x of floats) {
        const expected = ofOneFloat[name]?.(x) as number;
        const want = type === f32 ? Math.fround(expected) : expected;
        expect(assemble<[number], number>([type], [type], (f, p) => f.get(p)[scalar][name as "abs"]())(x)).toBe(want);
        expect(
          assemble<[number], number>([type], [type], (f, p) =>
            f.get(p)[vector].splat()[vector][name as "abs"]()[vector].extract_lane(0),
          )(x),
        ).toBe(want);
      }
  });

  test("conversions saturate, wrap, extend and reinterpret", () => {
    const of = (from: ValType, to: ValType, body: (f: FunctionBuilder) => unknown) =>
      assemble<[number], number>([from], [to], (f, x) => body(f.get(x)));
    expect(of(f64, i32, (f) => f.i32.trunc_sat_f64_s())(1e10)).toBe(2 ** 31 - 1);
    expect(of(f64, i32, (f) => f.i32.trunc_sat_f64_u())(1e10)).toBe(-1);
    expect(of(f64, i32, (f) => f.i32.trunc_sat_f64_s())(Number.NaN)).toBe(0);
    expect(of(f32, i32, (f) => f.i32.trunc_sat_f32_u())(-3)).toBe(0);
    expect(of(i32, i32, (f) => f.i32.extend8_s())(0x180)).toBe(-128);
    expect(of(i32, i32, (f) => f.i32.extend16_s())(0x18000)).toBe(-32768);
    expect(of(i32, f64, (f) => f.f64.convert_i32_u())(-1)).toBe(2 ** 32 - 1);
    expect(of(i32, f32, (f) => f.f32.convert_i32_s())(-5)).toBe(-5);
    expect(of(f32, i32, (f) => f.i32.reinterpret_f32())(1)).toBe(0x3f800000);
    expect(of(f64, i32, (f) => f.i64.reinterpret_f64().i64.const(32).i64.shr_u().i32.wrap_i64())(1)).toBe(0x3ff00000);
    expect(of(f64, f64, (f) => f.f32.demote_f64().f64.promote_f32())(0.1)).toBe(Math.fround(0.1));
    expect(of(i32, i32, (f) => f.i32.clz())(1)).toBe(31);
    expect(of(i32, i32, (f) => f.i32.ctz())(8)).toBe(3);
    expect(of(i32, i32, (f) => f.i32.popcnt())(255)).toBe(8);
  });
});

describe("vectors", () => {
  test("integer lanes add, multiply, shift, compare and select", () => {
    const lanes = (body: (f: FunctionBuilder) => unknown) =>
      [0, 1, 2, 3].map((lane) =>
        assemble<[], number>([], [i32], (f) => {
          body(f);
          f.i32x4.extract_lane(lane);
        })(),
      );
    const a = (f: FunctionBuilder) => f.i32x4.const(1, -2, 3, -4);
    const c = (f: FunctionBuilder) => f.i32x4.const(10, 20, 30, 40);
    expect(lanes((f) => c(a(f)).i32x4.add())).toEqual([11, 18, 33, 36]);
    expect(lanes((f) => c(a(f)).i32x4.sub())).toEqual([-9, -22, -27, -44]);
    expect(lanes((f) => c(a(f)).i32x4.mul())).toEqual([10, -40, 90, -160]);
    expect(lanes((f) => c(a(f)).i32x4.max_u())).toEqual([10, -2, 30, -4]);
    expect(lanes((f) => a(f).i32.const(1).i32x4.shr_s())).toEqual([0, -1, 1, -2]);
    expect(lanes((f) => a(f).i32.const(28).i32x4.shr_u())).toEqual([0, 15, 0, 15]);
    expect(lanes((f) => c(a(f)).i32x4.shuffle(0, 4, 1, 5))).toEqual([1, 10, -2, 20]);
    expect(
      lanes((f) => {
        c(a(f));
        a(f).i32x4.const(0).i32x4.gt_s().v128.bitselect();
      }),
    ).toEqual([1, 20, 3, 40]);
    expect(lanes((f) => c(a(f)).v128.andnot())).toEqual([1 & ~10, -2 & ~20, 3 & ~30, -4 & ~40]);
    expect(lanes((f) => f.i64x2.const(-1n, 5n).i64x2.const(2n, 7n).i64x2.mul())).toEqual([-2, -1, 35, 0]);
    expect(lanes((f) => f.i64x2.const(-1n, 5n).i64x2.const(2n, 7n).i64x2.shuffle(3, 0))).toEqual([7, 0, -1, -1]);
    expect(lanes((f) => f.f64x2.const(2.5, -3.5).i32x4.trunc_sat_f64x2_s_zero())).toEqual([2, -3, 0, 0]);
    expect(assemble([], [i32], (f) => a(f).i32x4.bitmask())()).toBe(0b1010);
    expect(assemble([], [f64], (f) => a(f).f64x2.convert_low_i32x4_s().f64x2.extract_lane(1))()).toBe(-2);
    expect(
      assemble([], [f32], (f) => a(f).f32.const(9).f32x4.splat().i32x4.shuffle(0, 1, 7, 2).f32x4.extract_lane(2))(),
    ).toBe(9);
    expect(
      assemble([], [i32], (f) =>
        f.i8x16
          .const(...Array.from({ length: 16 }, (_, i) => i))
          .i8x16.const(...new Array(16).fill(0))
          .i8x16.shuffle(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
          .i8x16.extract_lane_u(3),
      )(),
    ).toBe(12);
  });

  test("loads splat, zero and take lanes; stores put them back", () => {
    const run = assemble<[], number>([], [f64], (f) => {
      f.i32.const(16).f64.const(2.5).f64.store();
      f.i32.const(0).f64.const(4).f64.store(24);
      f.i32.const(32).i32.const(16).v128.load64_splat().i32.const(0).v128.load(16).f64x2.add().v128.store(); // [5, 6.5]
      f.i32.const(48).i32.const(40).v128.load64_zero().v128.store(); // [6.5, 0]
      f.i32.const(48).i32.const(48).v128.load().v128.store64_lane(0, 8); // [6.5, 6.5]
      const v = f.i32.const(32).i32.const(0).v128.load(48).v128.load64_lane(0).keep(v128); // [5, 6.5]
      f.get(v).f64x2.extract_lane(0).get(v).f64x2.extract_lane(1).f64.mul();
    });
    expect(run()).toBe(5 * 6.5);
  });
});

describe("functions", () => {
  test("forRange runs its body exactly for the indices in range", () => {
    const count = assemble<[number, number, number], number>([i32, i32, i32], [i32], (f, start, end, step) => {
      const i = f.local(i32);
      const sum = f.local(i32);
      f.forRange(i, start, end, step, () => f.get(sum).i32.const(100).i32.mul().get(i).i32.add().set(sum)).get(sum);
    });
    expect(count(1, 4, 1)).toBe(10203);
    expect(count(1, 8, 3)).toBe(10407);
    expect(count(4, 4, 1)).toBe(0);
    expect(count(5, 4, 1)).toBe(0);
    expect(
      assemble([], [i32], (f) => {
        const i = f.local(i32);
        f.forRange(i, 3, 3, 1, () => f.unreachable()).get(i);
      })(),
    ).toBe(3);
  });

  test("blocks, loops, branches and if with a result nest", () => {
    // Collatz steps of n
    const steps = assemble<[number], number>([i32], [i32], (f, n) => {
      const count = f.local(i32);
      f.block((done) =>
        f.loop((again) => {
          f.get(n).i32.const(1).i32.eq().brIf(done);
          f.inc(count, 1);
          f.get(n)
            .i32.const(1)
            .i32.and()
            .if(
              () => f.get(n).i32.const(3).i32.mul().i32.const(1).i32.add(),
              () => f.get(n).i32.const(1).i32.shr_u(),
              i32,
            );
          f.set(n).br(again);
        }),
      ).get(count);
    });
    expect([1, 2, 6, 27].map((n) => steps(n))).toEqual([0, 1, 8, 111]);
  });

  test("brTable picks its label", () => {
    const pick = assemble<[number], number>([i32], [i32], (f, k) => {
      f.block((other) => {
        f.block((one) => {
          f.block((zero) => f.get(k).brTable([zero, one], other));
          f.i32.const(10).return();
        });
        f.i32.const(11).return();
      });
      f.i32.const(12);
    });
    expect([0, 1, 2, 99].map((k) => pick(k))).toEqual([10, 11, 12, 12]);
  });

  test("locals of mixed types start at zero and keep apart", () => {
    const run = assemble<[number], number>([f64], [f64], (f, x) => {
      const [a, b, c, d] = [f.local(i32), f.local(f64), f.local(v128), f.local(i32)];
      f.inc(a, 3).get(x).set(b).get(x).f64x2.splat().set(c).inc(d, a);
      f.get(a).get(d).i32.add().f64.convert_i32_s().get(b).f64.add().get(c).f64x2.extract_lane(1).f64.add();
    });
    expect(run(0.5)).toBe(7);
  });

  test("select works on numbers and on vectors", () => {
    const run = assemble<[number], number>([i32], [f32], (f, c) => {
      f.f32x4.const(1).f32x4.const(2).get(c).select(v128).f32x4.extract_lane(3);
      f.f32.const(10).f32.const(20).get(c).select().f32.add();
    });
    expect([run(1), run(0)]).toEqual([11, 22]);
  });

  test("hoisted code runs before the rest, calls included", () => {
    const m = new ModuleBuilder();
    const seven = m.func([], [i32], (f) => f.i32.const(7));
    m.export(
      "run",
      m.func([i32], [i32], (f, x) => {
        const sum = f.local(i32);
        f.loop((again) => {
          const c = f.local(i32);
          f.hoist(() => f.call(seven).call(seven).i32.add().set(c).inc(c, 1));
          f.inc(sum, c).inc(x, -1).get(x).brIf(again);
        });
        f.get(sum);
      }),
    );
    expect((instantiate(m).run as never as (n: number) => number)(3)).toBe(45);
  });

  test("bulk memory fills and copies", () => {
    const run = assemble<[], number>([], [i32], (f) => {
      f.i32.const(8).i32.const(0xab).i32.const(3).memoryFill();
      f.i32.const(100).i32.const(8).i32.const(4).memoryCopy();
      f.i32.const(100).i32.load();
    });
    expect(run()).toBe(0xababab);
  });

  test("a function left inside an open block is refused by name", () => {
    const m = new ModuleBuilder();
    m.func([], [], (f) => f.block(() => expect(() => m.finish()).toThrow(/main ends inside 1 open/)), "main");
    expect(() => m.finish()).not.toThrow();
  });
});

describe("modules", () => {
  test("functions call ones defined later, imports added later, and themselves", () => {
    const m = new ModuleBuilder({ names: true });
    const main = m.func([i32], [i32], undefined, "main");
    const later = m.func([i32], [i32], (f, n) => {
      f.get(n)
        .i32.eqz()
        .if(
          () => f.i32.const(0),
          () => f.get(n).get(n).i32.const(1).i32.sub().call(f).i32.add(),
          i32,
        );
    });
    const triple = m.importFunc("host", "triple", [i32], [i32]);
    main
      .get(main.params[0] as Local)
      .call(later)
      .call(triple);
    m.export("main", main);
    const { main: run } = instantiate(m, { host: { triple: (x: number) => 3 * x } }) as never as {
      main(n: number): number;
    };
    expect(run(4)).toBe(30);
  });

  test("globals, imported and own, tables, data and an imported memory work together", () => {
    const m = new ModuleBuilder();
    m.importMemory("env", "memory", { min: 1 });
    const counter = m.global(i32, 5);
    const pi = m.global(f64, Math.PI, false);
    const base = m.importGlobal("env", "base", i32);
    const type = m.type([], [i32]);
    const one = m.element(
      m.func([], [i32], (f) => f.globalGet(counter).i32.const(1).i32.add().globalSet(counter).globalGet(counter)),
    );
    const two = m.element(m.func([], [i32], (f) => f.globalGet(base).i32.load8_u(1)));
    m.export(
      "choose",
      m.func([i32], [i32], (f, k) => f.get(k).callIndirect(type)),
    );
    m.export(
      "pi",
      m.func([], [f64], (f) => f.globalGet(pi)),
    );
    m.export("counter", counter);
    m.export("memory", "memory");
    m.data(70, Uint8Array.of(7, 9));
    const memory = new WebAssembly.Memory({ initial: 1 });
    const e = instantiate(m, { env: { memory, base: 70 } }) as never as {
      choose(k: number): number;
      pi(): number;
      counter: WebAssembly.Global;
      memory: unknown;
    };
    expect(e.choose(one)).toBe(6);
    expect(e.counter.value).toBe(6);
    expect(e.choose(two)).toBe(9);
    expect(e.pi()).toBe(Math.PI);
    expect(e.memory).toBe(memory);
  });

  test("equal types are written once", () => {
    const size = (n: number) => {
      const m = new ModuleBuilder();
      for (let i = 0; i < n; i++) m.func([i32, f64], [v128], (f) => f.i32x4.const(i));
      return m.finish().length;
    };
    expect(size(3) - size(2)).toBe(1 + 1 + 1 + 18 + 1); // type index; body: its size, no locals, constant, end
  });

  test("code of 200,000 ops is emitted in a fraction of a second", () => {
    const start = performance.now();
    const m = new ModuleBuilder();
    m.func([f64], [f64], (f, x) => {
      f.get(x);
      for (let i = 0; i < 50_000; i++) f.get(x).f64.add().f64.const(i).f64.mul();
    });
    const bytes = m.finish();
    expect(bytes.length).toBeGreaterThan(600_000);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

test("relaxed multiply-add either runs or is refused by an engine that lacks it", () => {
  const m = new ModuleBuilder();
  m.export(
    "run",
    m.func([], [f64], (f) => f.f64x2.const(3).f64x2.const(5).f64x2.const(7).f64x2.relaxed_madd().f64x2.extract_lane(0)),
  );
  const bytes = m.finish() as BufferSource;
  if (WebAssembly.validate(bytes)) expect((instantiate(m).run as never as () => number)()).toBe(22);
  else expect(() => new WebAssembly.Module(bytes)).toThrow(/simd|opcode|flag/i);
});
