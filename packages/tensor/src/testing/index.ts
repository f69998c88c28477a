/** Helpers for the tests of packages that build on tensors. */

/** Raw ops: exact dtypes and shapes, no promotion; the derivative tests go through all of them, at these inputs. */
export * as ops from "../ops";
export { cases as ruleCases, type RuleCase } from "../ops/rules.cases";
export { generator, indicesOf, randomPlain, tensorOf } from "./arrays";
export { assertClose, type Closeness } from "./close";
