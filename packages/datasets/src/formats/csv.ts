import { FormatError } from "./format-error";

/** Column types: float64 numbers, 32-bit integers, truth values (true/false/0/1), text. */
export interface CsvTypes {
  number: Float64Array<ArrayBuffer>;
  int: Int32Array<ArrayBuffer>;
  bool: Uint8Array<ArrayBuffer>;
  string: string[];
}
export type CsvType = keyof CsvTypes;
export type CsvColumn = CsvTypes[CsvType];

export interface CsvOptions<C extends Readonly<Record<string, CsvType>>> {
  /** Which columns to take, and as what. */
  readonly columns: C;
  /** The first record names the columns (default). Otherwise columns are called "0", "1", … */
  readonly header?: boolean;
  readonly delimiter?: string;
}

interface Rec {
  readonly fields: readonly string[];
  readonly line: number;
}

/** RFC 4180: fields may be quoted, a quote inside is doubled, quoted fields may hold delimiters and line breaks. */
const recordsOf = (text: string, delimiter: string, who: string): readonly Rec[] => {
  const out: Rec[] = [];
  let fields: string[] = [];
  let line = 1;
  let first = 1;
  let i = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let blank = true;
  while (i <= text.length) {
    let field = "";
    if (text[i] === '"') {
      blank = false;
      const opened = line;
      for (i++; ; i++) {
        if (i >= text.length) throw new FormatError(who, "a quoted field is never closed", { line: opened });
        if (text[i] === "\n") line++;
        if (text[i] !== '"') field += text[i];
        else if (text[i + 1] === '"') {
          field += '"';
          i++;
        } else break;
      }
      i++;
      const next = text[i];
      if (next !== undefined && next !== delimiter && next !== "\n" && next !== "\r")
        throw new FormatError(who, "only a delimiter or the end of the line may follow a closing quote", {
          line,
          got: next,
        });
    } else {
      const from = i;
      while (i < text.length && text[i] !== delimiter && text[i] !== "\n" && text[i] !== "\r") i++;
      field = text.slice(from, i);
      if (field !== "") blank = false;
      if (field.includes('"'))
        throw new FormatError(who, "a field with a quote must be quoted, and the quote doubled", { line, field });
    }
    fields.push(field);
    if (text[i] === delimiter) {
      blank = false;
      i++;
      continue;
    }
    if (!blank) out.push({ fields, line: first });
    if (i >= text.length) break;
    i += text[i] === "\r" && text[i + 1] === "\n" ? 2 : 1;
    line++;
    first = line;
    fields = [];
    blank = true;
  }
  return out;
};

const readers: { [T in CsvType]: (s: string) => number | string | undefined } = {
  number: (s) => {
    const t = s.trim();
    if (/^[-+]?(inf|infinity)$/i.test(t))
      return t.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    if (t === "" || /^(nan|na)$/i.test(t)) return Number.NaN;
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(t) ? Number(t) : undefined;
  },
  int: (s) => {
    const t = s.trim();
    const n = Number(t);
    return /^[-+]?\d+$/.test(t) && n === (n | 0) ? n | 0 : undefined;
  },
  bool: (s) => {
    const t = s.trim().toLowerCase();
    return t === "true" || t === "1" ? 1 : t === "false" || t === "0" ? 0 : undefined;
  },
  string: (s) => s,
};

/**
 * Typed columns out of comma-separated text (RFC 4180; LF or CRLF; a byte order mark is skipped; empty lines too). An empty
 * number is NaN; any other field that does not read as its type is an error that names line and column.
 *
 * @example const { x, label } = parseCsv("x,label\n0.5,3\n", { columns: { x: "number", label: "int" } });
 */
export const parseCsv = <const C extends Readonly<Record<string, CsvType>>>(
  text: string,
  options: CsvOptions<C>,
): { [K in keyof C]: CsvTypes[C[K]] } => {
  const who = "parseCsv";
  const delimiter = options.delimiter ?? ",";
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter))
    throw new FormatError(who, "the delimiter must be one character other than a quote or line break", { delimiter });
  const records = recordsOf(text, delimiter, who);
  const hasHeader = options.header ?? true;
  const head = hasHeader ? records[0] : undefined;
  if (hasHeader && !head) throw new FormatError(who, "the text is empty, a header was expected");
  const names = head ? head.fields.map((f) => f.trim()) : (records[0]?.fields.map((_, i) => String(i)) ?? []);
  const rows = hasHeader ? records.slice(1) : records;
  for (const r of rows)
    if (r.fields.length !== names.length)
      throw new FormatError(who, "each line must have as many fields as the first", {
        line: r.line,
        fields: r.fields.length,
        expected: names.length,
      });
  const out = Object.entries(options.columns).map(([name, type]): [string, CsvColumn] => {
    const at = names.indexOf(name);
    if (at < 0) throw new FormatError(who, "there is no such column", { column: name, columns: names });
    if (names.indexOf(name, at + 1) >= 0) throw new FormatError(who, "two columns have this name", { column: name });
    const values = rows.map((r) => {
      const field = r.fields[at] ?? "";
      const value = readers[type](field);
      if (value === undefined)
        throw new FormatError(who, `the field does not read as ${type}`, { line: r.line, column: name, field });
      return value;
    });
    if (type === "string") return [name, values as string[]];
    const numbers = values as number[];
    return [
      name,
      type === "number"
        ? Float64Array.from(numbers)
        : type === "int"
          ? Int32Array.from(numbers)
          : Uint8Array.from(numbers),
    ];
  });
  return Object.fromEntries(out) as { [K in keyof C]: CsvTypes[C[K]] };
};

/** Columns as comma-separated text with a header; numbers are written so that they read back exactly, NaN as an empty field. */
export const formatCsv = (
  columns: Readonly<Record<string, ArrayLike<number> | readonly string[]>>,
  options: { readonly delimiter?: string } = {},
): string => {
  const delimiter = options.delimiter ?? ",";
  const names = Object.keys(columns);
  const lists = Object.values(columns);
  const rows = lists[0]?.length ?? 0;
  lists.forEach((c, i) => {
    if (c.length !== rows)
      throw new FormatError("formatCsv", "columns must have the same length", {
        [names[0] ?? ""]: rows,
        [names[i] ?? ""]: c.length,
      });
  });
  const quote = (s: string): string =>
    /["\r\n]/.test(s) || s.includes(delimiter) || (s === "" && names.length === 1) ? `"${s.replaceAll('"', '""')}"` : s;
  const cell = (x: number | string | undefined): string =>
    typeof x !== "number"
      ? quote(x ?? "")
      : Number.isNaN(x)
        ? names.length === 1
          ? "nan"
          : ""
        : Object.is(x, -0)
          ? "-0"
          : String(x);
  const lines = [names.map(quote).join(delimiter)];
  for (let r = 0; r < rows; r++) lines.push(lists.map((c) => cell(c[r])).join(delimiter));
  return `${lines.join("\n")}\n`;
};
