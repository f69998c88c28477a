import type { DType } from "@ansatz/backend";
import { type Tensor, tensor } from "@ansatz/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeIdx } from "./idx";
import { type NdArray, ndArray } from "./nd-array";
import { readIdx, readNpy, readNpz, readSafetensors, writeNpy, writeNpz, writeSafetensors } from "./read";
import { tensorFromArray } from "./tensors";
import { fixture } from "./testing";

const dtypes = ["float64", "float32", "int32", "uint32", "bool"] as const satisfies readonly DType[];
const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(4), { maxLength: 3 }))
  .chain(([dtype, shape]) => {
    const n = shape.reduce((p, d) => p * d, 1);
    const values =
      dtype === "bool" ? fc.nat(1) : dtype === "uint32" ? fc.nat() : dtype === "int32" ? fc.integer() : fc.double();
    const types = {
      float64: Float64Array,
      float32: Float32Array,
      int32: Int32Array,
      uint32: Uint32Array,
      bool: Uint8Array,
    };
    return fc.array(values, { minLength: n, maxLength: n }).map((v) => tensor(types[dtype].from(v), { shape, dtype }));
  });
const facts = async (t: Tensor | undefined) => ({ dtype: t?.dtype, shape: t?.shape, data: await t?.data() });

test("tensors of every dtype, scalars and empty ones too, survive npy, npz and safetensors", async () => {
  await fc.assert(
    fc.asyncProperty(anyTensor, anyTensor, async (a, b) => {
      expect(await facts(readNpy(await writeNpy(a)))).toEqual(await facts(a));
      const npz = await readNpz(await writeNpz({ a, b }));
      expect(await facts(npz.b)).toEqual(await facts(b));
      const safe = readSafetensors(await writeSafetensors({ "layer.0": a, b }, { note: "x" }));
      expect(safe.metadata).toEqual({ note: "x" });
      expect(await facts(safe.tensors["layer.0"])).toEqual(await facts(a));
    }),
    { numRuns: 50 },
  );
});

test("narrow types widen exactly: bytes and shorts to int32, half floats to float32, long integers where they fit", async () => {
  const { i2, u1, f2, u8 } = await import("./npz").then(async (m) => m.decodeNpz(fixture("stored.npz")));
  expect(await facts(tensorFromArray(i2 as NdArray))).toMatchObject({
    dtype: "int32",
    data: Int32Array.of(-3, -2, -1, 0, 1, 2),
  });
  expect(await facts(tensorFromArray(u1 as NdArray))).toMatchObject({ dtype: "int32", shape: [2, 3, 4] });
  const half = new Float32Array([0, -0, 1, -2.5, 65504, 2 ** -24, Infinity]);
  expect(await facts(tensorFromArray(f2 as NdArray))).toMatchObject({ dtype: "float32", data: half });
  const brain = ndArray("bfloat16", [2], Uint16Array.of(0x3fc0, 0xc040));
  expect(await facts(tensorFromArray(brain))).toMatchObject({ dtype: "float32", data: new Float32Array([1.5, -3]) });
  const long = ndArray("int64", [2], BigInt64Array.of(-5n, 2n ** 31n - 1n));
  expect(await facts(tensorFromArray(long))).toMatchObject({ dtype: "int32", data: Int32Array.of(-5, 2147483647) });
  expect(() => tensorFromArray(u8 as NdArray)).toThrow(/does not fit 32 bits.*index: 0, value: 18446744073709551615/);
});

test("IDX files read as tensors", async () => {
  const image = ndArray("uint8", [1, 2, 2], Uint8Array.of(0, 1, 254, 255));
  expect(await facts(readIdx(encodeIdx(image)))).toEqual({
    dtype: "int32",
    shape: [1, 2, 2],
    data: Int32Array.of(0, 1, 254, 255),
  });
});
