import { expect, test } from "vitest";
import { drawnAs, placesOf, readSpec, takesPart } from "./contraction";

test("a spec falls into operands, result and what is summed", () => {
  expect(readSpec("id,de->ie")).toEqual({ inputs: ["id", "de"], output: "ie", summed: ["d"] });
});
test("the cells that take part in a result are its row and its column", () => {
  const result = placesOf("ie", { row: 2, column: 1 });
  const cells = [0, 1, 2].flatMap((row) => [0, 1].map((column) => ({ row, column })));
  expect(cells.filter((cell) => takesPart("id", cell, result))).toEqual([
    { row: 2, column: 0 },
    { row: 2, column: 1 },
  ]);
  expect(cells.filter((cell) => takesPart("de", cell, result)).every(({ column }) => column === 1)).toBe(true);
});
test("weights of tokens stand in a column, entries in a row", () => {
  expect(drawnAs("i", [3])).toEqual({ rows: 3, columns: 1 });
  expect(drawnAs("e", [2])).toEqual({ rows: 1, columns: 2 });
  expect(placesOf("i", { row: 2, column: 0 })).toEqual({ i: 2 });
});
