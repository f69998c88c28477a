import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { halfToNumber, type NdArray, storageTypes } from "./nd-array";
import { decodeNpy, encodeNpy } from "./npy";
import { decodeNpz, encodeNpz } from "./npz";
import { anyArray, fixture, sameArray } from "./testing";

const golden = JSON.parse(new TextDecoder().decode(fixture("values.json"))) as Record<
  string,
  { shape: number[]; values: string[] }
>;
const types: Record<string, string> = {
  f8: "float64",
  f4: "float32",
  f2: "float16",
  i8: "int64",
  u8: "uint64",
  i4: "int32",
  u4: "uint32",
  i2: "int16",
  u1: "uint8",
  b1: "bool",
  big: "float64",
  fortran: "int32",
  scalar: "float64",
  empty: "float32",
};
const writable = storageTypes.filter((t) => t !== "bfloat16");

/** Elements as Python's repr told them, compared as values (and signs of zero). */
const agrees = (a: NdArray, name: string): void => {
  const told = golden[name];
  expect(told, name).toBeDefined();
  expect(a.shape).toEqual(told?.shape);
  expect(a.data.length).toBe(told?.values.length);
  told?.values.forEach((text, i) => {
    const raw = a.data[i] as number | bigint;
    if (typeof raw === "bigint") expect(raw).toBe(BigInt(text));
    else {
      const python: Record<string, number> = { inf: Infinity, "-inf": -Infinity, nan: Number.NaN, True: 1, False: 0 };
      expect(a.dtype === "float16" ? halfToNumber(raw) : raw, `${name}[${i}]`).toBe(python[text] ?? Number(text));
    }
  });
};

test.each(["stored.npz", "deflated.npz"])("%s, written by NumPy, reads as NumPy's values", async (file) => {
  const arrays = await decodeNpz(fixture(file));
  expect(Object.keys(arrays).sort()).toEqual(Object.keys(types).sort());
  for (const [name, a] of Object.entries(arrays)) {
    expect(a.dtype, name).toBe(types[name]);
    agrees(a, name);
  }
});

test("Fortran order and version 2 headers read as NumPy's values", () => {
  agrees(decodeNpy(fixture("fortran.npy")), "fortran.npy");
  expect(decodeNpy(fixture("version2.npy"))).toEqual({ dtype: "float64", shape: [2], data: new Float64Array([1, 2]) });
});

test("what is written as npy reads back bit for bit, its data at a multiple of 64 bytes", () => {
  fc.assert(
    fc.property(anyArray(writable), (a) => {
      const bytes = encodeNpy(a);
      return (bytes.length - a.data.byteLength) % 64 === 0 && sameArray(decodeNpy(bytes), a);
    }),
  );
});

test("what is written as npz reads back bit for bit, stored and deflated, from any alignment", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), anyArray(writable), { maxKeys: 4 }),
      fc.boolean(),
      async (arrays, deflate) => {
        const bytes = await encodeNpz(arrays, { deflate });
        const shifted = new Uint8Array(bytes.length + 3);
        shifted.set(bytes, 3);
        const back = await decodeNpz(shifted.subarray(3));
        expect(Object.keys(back).sort()).toEqual(Object.keys(arrays).sort());
        for (const [name, a] of Object.entries(arrays)) expect(sameArray(back[name], a)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

test("NumPy reads what we write", (context) => {
  const python = ["/usr/bin/python3", "python3"].find((p) => spawnSync(p, ["-c", "import numpy"]).status === 0);
  if (!python) return context.skip("needs python3 with numpy");
  const dir = mkdtempSync(join(tmpdir(), "npy-"));
  try {
    const a: NdArray = { dtype: "float32", shape: [2, 3], data: new Float32Array([1.5, -0, 3e38, Infinity, 1e-45, 6]) };
    writeFileSync(join(dir, "a.npy"), encodeNpy(a));
    const told = execFileSync(python, [
      "-c",
      "import numpy,sys;a=numpy.load(sys.argv[1]);print(a.dtype,a.shape,a.tobytes().hex())",
      join(dir, "a.npy"),
    ]).toString();
    expect(told.trim()).toBe(`float32 (2, 3) ${Buffer.from(a.data.buffer).toString("hex")}`);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("every truncation of npy and npz files is refused", async () => {
  const npy = fixture("fortran.npy");
  for (let n = 0; n < npy.length; n++) expect(() => decodeNpy(npy.subarray(0, n))).toThrow(/decodeNpy: /);
  const npz = fixture("deflated.npz");
  for (let n = 0; n < npz.length; n += 7)
    await expect(decodeNpz(npz.subarray(0, n))).rejects.toMatchObject({ code: "format" });
});

test("a flipped bit inside packed data is found by size or checksum", async () => {
  const bytes = fixture("deflated.npz");
  // The first entry's data begin after its 30-byte header, its name and its extra field.
  const view = new DataView(bytes.buffer);
  const start = 30 + view.getUint16(26, true) + view.getUint16(28, true);
  for (let i = start; i < start + 60; i++) {
    const bad = bytes.slice();
    bad[i] = (bad[i] ?? 0) ^ 0x10;
    await expect(decodeNpz(bad), `byte ${i}`).rejects.toMatchObject({ code: "format" });
  }
});

test("arrays that tensors cannot hold are refused by name", async () => {
  await expect(decodeNpz(fixture("structured.npz"))).rejects.toThrow(/s\.npy.*structured arrays/);
  const text = new TextDecoder("latin1").decode(fixture("version2.npy")).replace("<f8", "<c8");
  expect(() => decodeNpy(Uint8Array.from(text, (c) => c.charCodeAt(0)))).toThrow(/descr: <c8/);
});

test("only the arrays that were asked for are unpacked", async () => {
  const arrays = await decodeNpz(fixture("stored.npz"), { only: ["i4"] });
  expect(Object.keys(arrays)).toEqual(["i4"]);
  await expect(decodeNpz(fixture("stored.npz"), { only: ["nope"] })).rejects.toThrow(/no such array, got name: nope/);
});
