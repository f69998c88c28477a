import { sizeOf, stridesOf } from "@ansatz/backend";
import { convert, keyFirst, keySecond, threefry, xor } from "../emit/ops";
import { combine } from "./nest-builder";
import { lowering } from "./rule";
import { type Computed, constant, pointwise, type Value } from "./value";
import { fewDraws } from "./weight";

/** threefry2x32(key, (0, i)), i the flat index in the trailing axes of shape: the words high, low, their xor, or both as a key. */
const words = (
  which: "first" | "second" | "xor" | "key",
  key: Value,
  { dtype, shape }: Pick<Value, "dtype" | "shape">,
): Computed => ({
  kind: "computed",
  dtype,
  shape,
  read: (b, index) => {
    const rank = key.shape.length;
    const k = b.value(key, rank === index.length ? index : index.slice(0, rank));
    const flat = combine(stridesOf(shape.slice(rank)), index.slice(rank), 0);
    const pair = b.op(threefry, "key", k, b.constant(0, "uint32"), b.op(convert, "uint32", b.index(flat)));
    if (which === "key") return pair;
    const first = () => b.op(keyFirst, "uint32", pair);
    const second = () => b.op(keySecond, "uint32", pair);
    return which === "first" ? first() : which === "second" ? second() : b.op(xor, "uint32", first(), second());
  },
  weight: (of) => {
    const w = of(key);
    return { work: 40 + w.work, nodes: 4 + w.nodes, loads: w.loads, draws: true };
  },
});

export const randomSplit = lowering("randomSplit", (_, __, [key], eq) => [words("key", key, eq.outputs[0].aval)]);

export const randomBits = lowering<{ width: number }>("randomBits", (l, { width }, [key], eq) => {
  const out = eq.outputs.map((o, i) => words(width === 32 ? "xor" : i === 0 ? "first" : "second", key, o.aval));
  if (out.length === 2 && eq.outputs.every((v) => l.isRead(v))) [out[0].twin, out[1].twin] = [out[1], out[0]];
  // What becomes of two words is eight bytes wide, and loops over such walk two at a time: the words get one that walks four.
  const apart = width === 64 && sizeOf(out[0].shape) >= fewDraws;
  return out.map((w, i) => (apart && l.isRead(eq.outputs[i]) ? l.store(w) : w));
});

export const randomFoldIn = lowering("randomFoldIn", (_, __, [key, data]) => [
  pointwise(threefry, "key", key.shape, key, constant(0, "uint32", key.shape), data),
]);
