/** Keys and what is drawn from them. */
export * from "./discrete";
export { bits, foldIn, key, keyData, split, wrapKeyData } from "./keys";
export * from "./samplers";
