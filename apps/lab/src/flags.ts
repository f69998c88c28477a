import { InvalidArgumentError } from "commander";

/** Readers for command-line values; a bad one makes commander name the flag. */

export const positiveInteger = (text: string): number => {
  const n = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(n) || n < 1)
    throw new InvalidArgumentError("It must be a whole number from 1.");
  return n;
};

export const seed = (text: string): number => {
  const n = Number(text);
  if (!/^\d+$/.test(text) || n > 0xffffffff)
    throw new InvalidArgumentError("It must be a whole number from 0 to 4294967295.");
  return n;
};

export const positiveNumber = (text: string): number => {
  const n = Number(text);
  if (text.trim() === "" || !Number.isFinite(n) || n <= 0)
    throw new InvalidArgumentError("It must be a number above 0.");
  return n;
};

/** "0-9", "3,5", "0-2,7" */
export const classList = (text: string): readonly number[] =>
  text.split(",").flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const from = Number(match?.[1]);
    const to = match?.[2] === undefined ? from : Number(match[2]);
    if (!match || to < from || to - from > 1000)
      throw new InvalidArgumentError("It must be classes and ranges of them, such as 0-9 or 3,5.");
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
