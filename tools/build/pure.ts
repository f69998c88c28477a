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

/** Puts the mark before every call in an initialiser of the module; bodies of functions are left alone. */
export const markPure = (source: string): string => {
  const places: number[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) places.push(node.getStart());
    ts.forEachChild(node, visit);
  };
  for (const s of ts.createSourceFile("x.ts", source, ts.ScriptTarget.ES2022, true).statements)
    if (ts.isVariableStatement(s) && s.declarationList.flags & ts.NodeFlags.Const) visit(s);
  let marked = source;
  for (const at of [...new Set(places)].sort((a, b) => b - a))
    marked = `${marked.slice(0, at)}/* @__PURE__ */ ${marked.slice(at)}`;
  return marked;
};
