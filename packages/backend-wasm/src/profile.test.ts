import { type Atom, aval, buildProgram, core } from "@ansatz/backend";
import { expect, test } from "vitest";
import { wasmBackend } from "./index";
import { allLowerings } from "./lowerings";
import { profile } from "./profile";

const dot = { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] };
const a = aval([96, 96], "float32");

/** Five products in a loop, then a small sum. */
const program = () => {
  const body = buildProgram([a, a], (emit, w, c) => emit(core.tanh, {}, emit(core.dotGeneral, dot, w, c)[0]));
  return buildProgram([a, a], (emit, w, x) => {
    const [y]: Atom[] = emit(core.scan, { body, length: 5, consts: 1, carry: 1, reverse: false }, w, x);
    return emit(core.reduceSum, { axes: [0, 1] }, y);
  });
};

test("a profile counts the calls of every step, and its times add up to the run", () => {
  const b = wasmBackend({ lowerings: allLowerings });
  const x = b.upload(new Float32Array(96 * 96).fill(0.01), a);
  const before = b.live();
  const { ms, steps, text } = profile(b, program(), [x, x], { runs: 9 });
  expect(b.live()).toEqual(before);
  const product = steps.filter((s) => s.kind === "matmul");
  expect(product.map((s) => s.calls)).toEqual([5]);
  expect(steps.filter((s) => s.kind === "scan").map((s) => s.calls)).toEqual([1]);
  const sum = steps.reduce((t, s) => t + s.ms, 0);
  // the mean of the steps against the median of the runs: within a factor, on a machine that others use too
  expect(sum).toBeGreaterThan(0.2 * ms);
  expect(product[0].ms).toBeGreaterThan(0.2 * sum);
  expect(text).toMatch(/product \[96, 96\]·\[96, 96\] float32: .* {3}5 × [\d.e-]+ ms \(\d+ %\)/);
});

test("what it runs is the program", () => {
  const b = wasmBackend({ lowerings: allLowerings });
  const x = b.upload(new Float32Array(96 * 96).fill(0.01), a);
  const prepared = b.prepared(program());
  const seen: number[] = [];
  const exe = b.instrumented(prepared, [], (i) => void seen.push(i));
  const [marked] = exe.run([x, x]);
  const [plain] = b.compile(program()).run([x, x]);
  expect(b.readSync(marked)).toEqual(b.readSync(plain));
  expect(seen.length).toBeGreaterThan(10);
});
