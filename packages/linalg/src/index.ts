export { type BandedSolution, type Bandwidths, solveBanded, solveBandedDefinite } from "./banded";
export { type Cholesky, cholesky, choleskyDowndate, choleskySolve, choleskyUpdate } from "./cholesky";
export { type Cp, type CpOptions, type CpResult, cp, cpToTensor } from "./cp";
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
export {
  circulantOperator,
  circulantSolve,
  type FftConvolveOptions,
  fftConvolve,
  toeplitzOperator,
} from "./fft-convolve";
export { funmSymmetric, type ScalarFunction, spectralSum } from "./funm-symmetric";
export {
  type BitMatrix,
  type Bits,
  codewords,
  gf2NullSpace,
  gf2Rank,
  isCodeword,
  minimumDistance,
  type TannerGraph,
  tannerGraph,
} from "./gf2";
export { check, failures, sentenceOf, status, warnings } from "./info";
export {
  bicgstab,
  cg,
  type GmresOptions,
  gmres,
  type IterativeOptions,
  type IterativeResult,
  minres,
} from "./iterative";
export {
  khatriRao,
  kroneckerMatmul,
  kroneckerOperator,
  kroneckerSum,
  kroneckerSumOperator,
} from "./kronecker";
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
export { type LinearOperator, type LinearOperatorOptions, linearOperator, type Operator } from "./linear-operator";
export { type Lobpcg, type LobpcgOptions, lobpcg } from "./lobpcg";
export { lsmr } from "./lsmr";
export { type LsqrOptions, type LsqrResult, lsqr } from "./lsqr";
export { type Lu, lu } from "./lu";
export { logm, type MatrixFunction, matrixPower, type Polar, polar, sqrtm } from "./matrix-functions";
export { changeOfBasis, fold, innerProduct, modeProduct, multilinear, unfold, type Variance } from "./multilinear";
export { axpy, cond, type MatrixNorm, matrixNorm, norm2, vectorNorm } from "./norms";
export { type Pca, type PcaOptions, pca, pcaReconstruct, pcaScores } from "./pca";
export { phiFunctions } from "./phi";
export {
  type PolyfitOptions,
  type Polynomial,
  type PolynomialBasis,
  type PolynomialFit,
  polyfit,
  polynomialAt,
} from "./polyfit";
export { type PivotedQr, type Qr, type QrOptions, qr, qrPivoted } from "./qr";
export { type RandomizedSvd, type RandomizedSvdOptions, randomizedSvd } from "./randomized-svd";
export { type Dmd, dmd, galerkin, type Pod, pod } from "./reduced-order";
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
  type SparseCholesky,
  type SparseSolution,
  type SparseSolveOptions,
  sparseCholesky,
  sparseSolve,
} from "./sparse/direct";
export {
  adjacencyMatrix,
  connectedComponents,
  degrees,
  type Graph,
  type GraphOptions,
  graphOf,
  incidenceMatrix,
  type LaplacianKind,
  laplacianMatrix,
} from "./sparse/graph";
export { type Places, type Sparse, type SparsePattern, sparsePattern } from "./sparse/pattern";
export {
  type IncompleteCholesky,
  type IncompleteLu,
  incompleteCholesky,
  incompleteLu,
  jacobiPreconditioner,
} from "./sparse/preconditioners";
export { sparseProduct } from "./sparse/product";
export {
  type CompressedRows,
  type SparseEntries,
  type SparseScaling,
  sampledProduct,
  sparse,
  sparseAdd,
  sparseDiagonal,
  sparseFromDense,
  sparseFromRows,
  sparseMatmul,
  sparseScale,
  sparseToDense,
  sparseTranspose,
} from "./sparse/sparse";
export type { Ordering } from "./sparse/symbolic";
export { type SparseTriangularOptions, sparseTriangularSolve } from "./sparse/triangular";
export { coherence, restrictedIsometry } from "./sparse-recovery";
export { componentsFor, explainedVariance, participationRatio } from "./spectrum";
export {
  type SpectralGap,
  type Stationary,
  type StationaryOptions,
  spectralGap,
  stationaryDistribution,
} from "./stochastic-matrices";
export { asStrided, isContiguous, type Layout, rowMajorStrides } from "./strided";
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
export {
  type TensorTrain,
  type TensorTrainOptions,
  type TruncatedTrain,
  tensorTrain,
  trainAdd,
  trainInner,
  trainRound,
  trainToTensor,
} from "./tensor-train";
export { solveToeplitz, type ToeplitzSolution } from "./toeplitz-solve";
export { type TriangularOptions, triangularSolve } from "./triangular-solve";
export { lowRankApproximation, svdViaGram, type TruncatedSvd, truncatedSvd } from "./truncated-svd";
export { type Hooi, type HooiOptions, type Hosvd, hooi, hosvd, type Tucker, tuckerToTensor } from "./tucker";
export { type Whitening, type WhiteningOptions, whitening } from "./whitening";
