/** Special functions, accurate in the tails. */
export { expit, sigmoid } from "./logistic";
