import ts from "typescript";

export interface Example {
  code: string;
  /** The line it starts on, from 1. */
  line: number;
}

/** Every fenced `ts` block of a Markdown text; a block marked `ts no-run` is left out. */
export function codeBlocks(markdown: string): Example[] {
  const found: Example[] = [];
  let open: { fence: string; info: string; line: number; rows: string[] } | undefined;
  for (const [i, row] of markdown.split("\n").entries()) {
    const fence = /^\s*(`{3,})\s*(.*)$/.exec(row);
    if (open === undefined) {
      if (fence) open = { fence: fence[1], info: fence[2].trim(), line: i + 2, rows: [] };
    } else if (fence && fence[1].length >= open.fence.length && fence[2] === "") {
      if (open.info === "ts") found.push({ code: open.rows.join("\n"), line: open.line });
      open = undefined;
    } else open.rows.push(row);
  }
  return found;
}

/** Every `@example` of the doc comments in a source: its fenced `ts` blocks, or its plain text as code. */
export function docExamples(source: string): Example[] {
  return [...source.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) => {
    const first = source.slice(0, comment.index).split("\n").length;
    const rows = comment[0]
      .slice(3, -2)
      .split("\n")
      .map((row) => row.replace(/^\s*\* ?/, ""));
    const tags = rows.flatMap((row, i) => (/^\s*@[a-z]/.test(row) ? [i] : []));
    return tags.flatMap((start, t) => {
      const [, rest] = /^\s*@example\b(.*)$/.exec(rows[start]) ?? [];
      if (rest === undefined) return [];
      const body = [rest, ...rows.slice(start + 1, tags[t + 1] ?? rows.length)];
      const text = body.join("\n");
      if (!text.includes("```")) return [{ code: text.trim(), line: first + start }];
      return codeBlocks(text).map(({ code, line }) => ({ code, line: first + start + line - 1 }));
    });
  });
}

/** Names a piece of code uses and does not declare, globals included. */
export function freeNames(code: string): string[] {
  const file = ts.createSourceFile("example.ts", code, ts.ScriptTarget.ES2022, true);
  const used = new Set<string>();
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node)) return;
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const named = parent as ts.NamedDeclaration;
      if (ts.isPropertyAccessExpression(parent) && parent.name === node) return;
      if (ts.isPropertyAssignment(parent) && parent.name === node) return;
      if (ts.isBindingElement(parent) && parent.propertyName === node) return;
      const declares = ts.isShorthandPropertyAssignment(parent) ? false : named.name === node;
      (declares ? declared : used).add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...used].filter((name) => !declared.has(name));
}
