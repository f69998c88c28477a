/** Special functions, accurate in the tails. */
export { expit, sigmoid } from "./logistic";
export { erfcinv, erfinv, ndtr, ndtri } from "./normal";
