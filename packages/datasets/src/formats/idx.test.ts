import fc from "fast-check";
import { expect, test } from "vitest";
import { gunzip } from "./deflate";
import { decodeIdx, encodeIdx } from "./idx";
import { anyArray, fixture, sameArray } from "./testing";

test("an IDX file reads as its description says", async () => {
  const a = decodeIdx(fixture("u1.idx"));
  expect(a).toEqual({ dtype: "uint8", shape: [2, 3, 2], data: Uint8Array.from({ length: 12 }, (_, i) => i) });
  expect(decodeIdx(fixture("f4.idx")).data).toEqual(new Float32Array([1.5, -0.25, Number.POSITIVE_INFINITY]));
  expect(decodeIdx(await gunzip(fixture("u1.idx.gz")))).toEqual(a);
});

test("what is written as IDX reads back bit for bit", () => {
  fc.assert(
    fc.property(anyArray(["uint8", "int8", "int16", "int32", "float32", "float64"]), (a) =>
      sameArray(decodeIdx(encodeIdx(a)), a),
    ),
  );
});

test("every truncation of an IDX file is refused", () => {
  const bytes = fixture("u1.idx");
  for (let n = 0; n < bytes.length; n++) expect(() => decodeIdx(bytes.subarray(0, n))).toThrow(/decodeIdx: /);
  expect(() => decodeIdx(new Uint8Array([...bytes, 0]))).toThrow(/bytes follow the last element.*28 bytes.*29 bytes/);
});

test("errors say what was found where", () => {
  expect(() => decodeIdx(fixture("u1.idx.gz"))).toThrow(/gzipped; unpack them first/);
  expect(() => decodeIdx(new Uint8Array([0, 0, 7, 1, 0, 0, 0, 0]))).toThrow(/type code at byte 2, got code: 7/);
  expect(() => decodeIdx(new Uint8Array([0, 0, 14, 2, 255, 255, 255, 255, 255, 255, 255, 255]))).toThrow(
    /more elements/,
  );
  expect(() => encodeIdx({ dtype: "uint32", shape: [0], data: new Uint32Array(0) })).toThrow(/no code.*uint32/);
});
