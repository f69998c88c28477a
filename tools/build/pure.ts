import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";
import ts from "typescript";

/**
 * Every package says `sideEffects: false`: what a module computes for a constant does nothing else. Bundlers believe that of whole
 * files; a built package is one file, or a few. So the calls that make constants (`const op = withCalculus(…)`) are marked one by one
 * when a package is built, and an app drops the constants that it does not reach.
 */
export const pureCalls = (): Plugin => ({
  name: "pure calls",
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
      contents: markPure(readFileSync(path, "utf8")),
      loader: "ts",
    }));
  },
});

const mark = "/* @__PURE__ */ ";

/**
 * Puts the mark before every call in an initialiser of the module; bodies of functions are left alone. What else a bundler takes for work
 * (arithmetic, spreading, looking a property up) is put into a function that is called at once, for calls can be marked.
 */
export const markPure = (source: string): string => {
  const marks: { at: number; text: string }[] = [];
  for (const s of ts.createSourceFile("x.ts", source, ts.ScriptTarget.ES2022, true).statements) {
    if (!ts.isVariableStatement(s) || !(s.declarationList.flags & ts.NodeFlags.Const)) continue;
    for (const { initializer } of s.declarationList.declarations) {
      if (!initializer) continue;
      let works = false;
      const visit = (node: ts.Node): void => {
        if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isTypeNode(node)) return;
        if (ts.isCallExpression(node) || ts.isNewExpression(node)) marks.push({ at: node.getStart(), text: mark });
        works ||= isWork(node);
        ts.forEachChild(node, visit);
      };
      visit(initializer);
      if (works)
        marks.push({ at: initializer.getStart(), text: `${mark}(() => (` }, { at: initializer.end, text: "))()" });
    }
  }
  let marked = source;
  // From the end, so that places hold; of two marks at one place the outer one came later, and goes in later.
  for (const { at, text } of marks.map((m, i) => ({ ...m, i })).sort((a, b) => b.at - a.at || a.i - b.i))
    marked = marked.slice(0, at) + text + marked.slice(at);
  return marked;
};

const isWork = (node: ts.Node): boolean =>
  ts.isBinaryExpression(node) ||
  ts.isSpreadElement(node) ||
  ts.isSpreadAssignment(node) ||
  ((ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) && !isCallee(node));

const isCallee = (node: ts.Node): boolean => ts.isCallExpression(node.parent) && node.parent.expression === node;
