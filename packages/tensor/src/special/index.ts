/** Special functions, accurate in the tails. */
export { betaln } from "./beta";
export { entr, relEntr, xlog1py, xlogy } from "./entropy";
export { digamma, gammaln, lgamma } from "./gamma";
export { expit, logit, logSigmoid, sigmoid, softplus } from "./logistic";
export { erfcinv, erfinv, logErfc, logNdtr, ndtr, ndtri } from "./normal";
export { polygamma } from "./polygamma";
