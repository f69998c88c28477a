export { type Cholesky, cholesky, choleskyDowndate, choleskySolve, choleskyUpdate } from "./cholesky";
export { type Eigh, eigh, eigvalsh } from "./eigh";
export { check, failures, sentenceOf, status, warnings } from "./info";
export { type Lu, lu } from "./lu";
export { type PivotedQr, type Qr, type QrOptions, qr, qrPivoted } from "./qr";
export {
  det,
  inv,
  invWithInfo,
  rcond,
  type SignedLogDet,
  type Solution,
  slogdet,
  solve,
  solveWithInfo,
} from "./solve";
export { type Svd, type SvdOptions, svd, svdvals } from "./svd";
export { type TriangularOptions, triangularSolve } from "./triangular-solve";
