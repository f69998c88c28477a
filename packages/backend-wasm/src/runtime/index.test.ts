import { expect, test } from "vitest";
import { f64, ModuleBuilder } from "../asm";
import { Runtime, runtimeTableBytes } from "./index";
import { runtimeFunction, runtimeFunctions, wholeRuntime } from "./testing";

test("the module exports exactly what its signatures name", () => {
  const exports = WebAssembly.Module.exports(new WebAssembly.Module(wholeRuntime(1024) as BufferSource));
  expect(exports.map((e) => e.name).sort()).toEqual(runtimeFunctions.map((f) => f.name).sort());
});

test("every signature is the one its export has", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const runtime = new WebAssembly.Instance(new WebAssembly.Module(wholeRuntime(1024) as BufferSource), {
    env: { memory },
  });
  // an import with a wrong signature does not link
  const m = new ModuleBuilder();
  for (const { name, params, results } of runtimeFunctions) m.importFunc("runtime", name, params, results);
  const program = new WebAssembly.Module(m.finish() as BufferSource);
  expect(() => new WebAssembly.Instance(program, { runtime: runtime.exports })).not.toThrow();
});

test("functions built one by one are those of the whole module, and can be imported by a program", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const whole = new WebAssembly.Instance(new WebAssembly.Module(wholeRuntime(1024) as BufferSource), {
    env: { memory },
  });
  const runtime = new Runtime(memory, 1024);
  for (const name of ["exp_f64", "sin_f64", "pow_f64", "asinh_f32", "mod_f32"] as const) {
    const [one, other] = [runtime.get(runtimeFunction(name)), whole.exports[name] as (...args: number[]) => number];
    expect(runtime.get(runtimeFunction(name))).toBe(one);
    for (const x of [0.3, 5, 1e6]) expect(one(x, 1.7)).toBe(other(x, 1.7));
  }
  const m = new ModuleBuilder();
  const exp = m.importFunc("runtime", "exp_f64", [f64], [f64]);
  m.export(
    "twice",
    m.func([f64], [f64], (f, x) => f.get(x).call(exp).call(exp)),
  );
  const program = new WebAssembly.Instance(new WebAssembly.Module(m.finish() as BufferSource), {
    runtime: { exp_f64: runtime.get(runtimeFunction("exp_f64")) },
  });
  expect((program.exports.twice as (x: number) => number)(0)).toBe(Math.E);
});

test("tables stay within the bytes announced", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const bytes = new Uint8Array(memory.buffer).fill(0xa5);
  new WebAssembly.Instance(new WebAssembly.Module(wholeRuntime(4096) as BufferSource), { env: { memory } });
  const touched = [...bytes.keys()].filter((i) => bytes[i] !== 0xa5);
  expect(touched[0]).toBe(4096);
  expect(touched[touched.length - 1]).toBeLessThan(4096 + runtimeTableBytes);
});
