export { type BandedSolution, type Bandwidths, solveBanded, solveBandedDefinite } from "./banded";
export { type Cholesky, cholesky, choleskyDowndate, choleskySolve, choleskyUpdate } from "./cholesky";
export { det, type SignedLogDet, slogdet } from "./determinant";
export { type Complex, type Eig, eig, eigvals } from "./eig";
export {
  type EigenIteration,
  type EigenIterationOptions,
  inverseIteration,
  type Lanczos,
  lanczos,
  powerIteration,
  rayleighIteration,
} from "./eigen-iterations";
export { type Eigh, eigh, eighGeneralized, eigvalsh } from "./eigh";
export { expm } from "./expm";
export { type ComplexLike, type FftOptions, fft, fftn, ifft, ifftn, irfft, rfft } from "./fft";
export { check, failures, sentenceOf, status, warnings } from "./info";
export {
  bicgstab,
  cg,
  type GmresOptions,
  gmres,
  type IterativeOptions,
  type IterativeResult,
  minres,
  type Operator,
} from "./iterative";
export { type Ldl, ldl, ldlSolve } from "./ldl";
export {
  type LeastSquares,
  lstsq,
  matrixRank,
  nullSpace,
  orth,
  orthonormalCompletion,
  pinv,
  projector,
  type RankOptions,
  type SpaceOptions,
} from "./least-squares";
export { type Lu, lu } from "./lu";
export { logm, type MatrixFunction, matrixPower, type Polar, polar, sqrtm } from "./matrix-functions";
export { axpy, cond, type MatrixNorm, matrixNorm, norm2, vectorNorm } from "./norms";
export { phiFunctions } from "./phi";
export { type PivotedQr, type Qr, type QrOptions, qr, qrPivoted } from "./qr";
export { type Hessenberg, hessenberg, type Schur, schur } from "./schur";
export {
  inv,
  invWithInfo,
  rcond,
  type Solution,
  solve,
  solveWithInfo,
} from "./solve";
export {
  type ConvolutionMode,
  type ConvolutionOptions,
  circulant,
  convolutionMatrix,
  type GraphMatrices,
  graphLaplacian,
  matrixOf,
  rotation2,
  rotation3,
  toeplitz,
} from "./structured";
export { type Svd, type SvdOptions, svd, svdvals } from "./svd";
export { solveCirculant, solveToeplitz, type ToeplitzSolution } from "./toeplitz-solve";
export { type TriangularOptions, triangularSolve } from "./triangular-solve";
