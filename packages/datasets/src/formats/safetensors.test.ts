import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "./safetensors";
import { anyArray, fixture, sameArray } from "./testing";

/** A file with the given header text and number of data bytes. */
const file = (header: unknown, data = 0): Uint8Array => {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const out = new Uint8Array(8 + text.length + data);
  new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true);
  out.set(text, 8);
  return out;
};

test("a file made by its published description reads back", () => {
  const { tensors, metadata } = decodeSafetensors(fixture("small.safetensors"));
  expect(metadata).toEqual({ format: "pt", note: "né" });
  expect(tensors).toEqual({
    a: { dtype: "float32", shape: [1, 3], data: new Float32Array([1.5, -2, Infinity]) },
    b: { dtype: "bool", shape: [3], data: new Uint8Array([1, 0, 1]) },
    c: { dtype: "int64", shape: [2], data: new BigInt64Array([-1n, 2n ** 53n + 1n]) },
    none: { dtype: "float64", shape: [0, 2], data: new Float64Array(0) },
  });
});

test("a Buffer, which is a view into a larger pool, reads as any other bytes", () => {
  const bytes = fixture("small.safetensors");
  const pooled = Buffer.from(`#${Buffer.from(bytes).toString("latin1")}`, "latin1").subarray(1);
  expect(decodeSafetensors(pooled)).toEqual(decodeSafetensors(bytes));
});

test("what is written reads back bit for bit, with its metadata, aligned, and in the same bytes", () => {
  const names = fc.string({ maxLength: 12, unit: "grapheme" }).filter((n) => n !== "__metadata__");
  fc.assert(
    fc.property(
      fc.dictionary(names, anyArray(), { maxKeys: 6 }),
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      (tensors, metadata) => {
        const bytes = encodeSafetensors({ tensors, metadata });
        const back = decodeSafetensors(bytes);
        expect(Object.keys(back.tensors).sort()).toEqual(Object.keys(tensors).sort());
        for (const [name, a] of Object.entries(tensors)) expect(sameArray(back.tensors[name], a), name).toBe(true);
        expect(Object.entries(back.metadata).sort()).toEqual(Object.entries(metadata).sort());
        expect(encodeSafetensors(back)).toEqual(bytes);
        const data = Number(new DataView(bytes.buffer).getBigUint64(0, true)) + 8;
        expect(data % 8).toBe(0);
      },
    ),
  );
});

test("every truncation is refused, and so is every longer file", () => {
  const bytes = fixture("small.safetensors");
  for (let n = 0; n < bytes.length; n++)
    expect(() => decodeSafetensors(bytes.subarray(0, n)), String(n)).toThrow(/truncated|ends inside/);
  expect(() => decodeSafetensors(new Uint8Array([...bytes, 0]))).toThrow(/bytes follow the last tensor.*349.*350/);
});

test("offsets that overlap, leave gaps, leave the file or disagree with the shape are refused with their bytes", () => {
  const f32 = (shape: number[], begin: number, end: number) => ({ dtype: "F32", shape, data_offsets: [begin, end] });
  expect(() => decodeSafetensors(file({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8))).toThrow(
    /b overlaps a, got begins: byte/,
  );
  expect(() => decodeSafetensors(file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12))).toThrow(/gap between a and b/);
  expect(() => decodeSafetensors(file({ a: f32([1], 4, 8) }, 8))).toThrow(/gap between the header and a/);
  expect(() => decodeSafetensors(file({ a: f32([9], 0, 36) }, 35))).toThrow(/truncated: a ends outside/);
  expect(() => decodeSafetensors(file({ a: f32([3], 0, 8) }, 8))).toThrow(
    /a has a shape and offsets of different sizes/,
  );
  expect(() => decodeSafetensors(file({ a: f32([1], 8, 4) }, 8))).toThrow(/data_offsets/);
  expect(() => decodeSafetensors(file({ a: f32([2 ** 40, 2 ** 40], 0, 4) }, 4))).toThrow(/more elements/);
  expect(() => decodeSafetensors(file({ a: f32([-1], 0, 4) }, 4))).toThrow(/nonnegative/);
});

test("headers that are not what they must be are refused with their byte", () => {
  const huge = new Uint8Array(64).fill(0x41);
  expect(() => decodeSafetensors(huge)).toThrow(/length at byte 0 is over/);
  expect(() => decodeSafetensors(file("[1]"))).toThrow(/begin with \{ at byte 8/);
  expect(() => decodeSafetensors(file("{oops}"))).toThrow(/is no JSON/);
  expect(() => decodeSafetensors(file({ a: 1 }))).toThrow(/entry of a/);
  expect(() => decodeSafetensors(file({ a: { dtype: "F8_E4M3", shape: [], data_offsets: [0, 1] } }, 1))).toThrow(
    /F8_E4M3/,
  );
  expect(() => decodeSafetensors(file({ __metadata__: { n: 3 } }))).toThrow(/__metadata__ must map names to strings/);
});

test("names from a file cannot reach a prototype", () => {
  const bytes = file(`{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1);
  const { tensors } = decodeSafetensors(bytes);
  expect(Object.hasOwn(tensors, "__proto__")).toBe(true);
  expect(({} as Record<string, unknown>).dtype).toBeUndefined();
});
