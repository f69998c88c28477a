import fc from "fast-check";
import { expect, test } from "vitest";
import { formatCsv, parseCsv } from "./csv";

test("columns read as their types, quotes and line breaks inside fields included", () => {
  const text = '\ufeffname,x,n,ok\r\n"Ann ""A"", b",0.5,3,true\r\n\r\n"two\nlines",-1e-3,-7,0\r\n,,0,false';
  const columns = { name: "string", x: "number", n: "int", ok: "bool" } as const;
  expect(parseCsv(text, { columns })).toEqual({
    name: ['Ann "A", b', "two\nlines", ""],
    x: new Float64Array([0.5, -1e-3, Number.NaN]),
    n: new Int32Array([3, -7, 0]),
    ok: new Uint8Array([1, 0, 0]),
  });
});

test("without a header columns are called by number; the delimiter may be another", () => {
  expect(parseCsv("1;2\n3;4\n", { header: false, delimiter: ";", columns: { 1: "int" } })).toEqual({
    1: new Int32Array([2, 4]),
  });
});

test("what is written reads back, numbers to the bit", () => {
  const row = fc.record({ t: fc.string({ unit: "grapheme" }), x: fc.double(), n: fc.integer() });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), fc.constantFrom(",", ";", "\t"), (rows, delimiter) => {
      const data = {
        'a "t", x': rows.map((r) => r.t),
        x: Float64Array.from(rows, (r) => r.x),
        n: Int32Array.from(rows, (r) => r.n),
      };
      const columns = { 'a "t", x': "string", x: "number", n: "int" } as const;
      expect(parseCsv(formatCsv(data, { delimiter }), { columns, delimiter })).toEqual(data);
    }),
  );
  const one = { s: ["", "a", ""] };
  expect(parseCsv(formatCsv(one), { columns: { s: "string" } })).toEqual(one);
});

test("errors name the line and the column", () => {
  const columns = { x: "number", n: "int" } as const;
  expect(() => parseCsv("x,n\n1,2\n3,4.5\n", { columns })).toThrow(
    /does not read as int, got line: 3, column: n, field: 4.5/,
  );
  expect(() => parseCsv("x,n\n1,2\n\n3\n", { columns })).toThrow(/as many fields.*line: 4, fields: 1, expected: 2/);
  expect(() => parseCsv('x,n\n"1,2\n', { columns })).toThrow(/never closed, got line: 2/);
  expect(() => parseCsv('x,n\n"1"2,3\n', { columns })).toThrow(/closing quote, got line: 2, got: 2/);
  expect(() => parseCsv("x\n1\n", { columns })).toThrow(/no such column, got column: n, columns: \[x\]/);
  expect(() => parseCsv("x,n\n0x10,1", { columns })).toThrow(/does not read as number/);
  expect(() => parseCsv("x,n\n1,4294967296", { columns })).toThrow(/does not read as int/);
});
