import { type FunctionBuilder, i32, type Local } from "@ansatz/backend-wasm/asm";

/** Emits `vector` for every `width` of n entries, then `scalar` for what is left, each with the bytes it stands behind the first entry. */
export const across = (
  f: FunctionBuilder,
  n: Local,
  width: number,
  vector: (at: Local) => void,
  scalar: (at: Local) => void,
): void => {
  const at = f.local(i32);
  const end = f.local(i32);
  const fast = f.local(i32);
  f.get(n).i32.const(3).i32.shl().set(end);
  f.get(end)
    .i32.const(-width * 8)
    .i32.and()
    .set(fast);
  f.i32.const(0).set(at);
  f.forRange(at, 0, fast, width * 8, () => vector(at));
  f.get(fast).set(at);
  f.get(at).get(end).i32.lt_s();
  f.if(() => {
    f.loop((again) => {
      scalar(at);
      f.get(at).i32.const(8).i32.add().tee(at).get(end).i32.lt_s().brIf(again);
    });
  });
};

/** Pushes an address. */
export const plus = (f: FunctionBuilder, base: Local, offset: Local): FunctionBuilder =>
  f.get(base).get(offset).i32.add();
