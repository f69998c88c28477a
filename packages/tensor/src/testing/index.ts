/** Helpers for the tests of packages that build on tensors. */

/** Every raw op, and inputs at which its rules can be tried. */
export * as rawOps from "../ops";
export { cases as ruleCases, type RuleCase } from "../ops/rules.cases";
export { generator, indicesOf, randomPlain, tensorOf } from "./arrays";
export { assertClose, type Closeness } from "./close";
