/** Where the letters of an einsum put a cell: a letter's place along its axis. */
export type Places = Readonly<Record<string, number>>;

export interface Contraction {
  readonly inputs: readonly string[];
  readonly output: string;
  /** The letters summed over. */
  readonly summed: readonly string[];
}

/** The parts of `d,de->e`. */
export const readSpec = (spec: string): Contraction => {
  const [left = "", output = ""] = spec.split("->");
  const inputs = left.split(",");
  return { inputs, output, summed: [...new Set(inputs.join(""))].filter((letter) => !output.includes(letter)) };
};

/** The letter i counts tokens, and tokens are rows: a vector over i is drawn as a column, any other as a row. */
export const drawnAs = (letters: string, shape: readonly number[]): { rows: number; columns: number } => {
  const [first = 1, second] = shape;
  if (second !== undefined) return { rows: first, columns: second };
  return letters === "i" ? { rows: first, columns: 1 } : { rows: 1, columns: first };
};

/** The places that a cell of a drawing fixes. */
export const placesOf = (letters: string, { row, column }: { row: number; column: number }): Places => {
  const [first, second] = [...letters];
  if (first === undefined) return {};
  if (second !== undefined) return { [first]: row, [second]: column };
  return { [first]: first === "i" ? row : column };
};

/** Whether a cell of an operand takes part in the result at some places: it agrees with them in every letter they share. */
export const takesPart = (letters: string, cell: { row: number; column: number }, result: Places): boolean =>
  Object.entries(placesOf(letters, cell)).every(
    ([letter, place]) => result[letter] === undefined || result[letter] === place,
  );
