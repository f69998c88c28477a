export { costlyFunctions, type GradientFlops, gradientFlops, type ModeCost, modeCosts } from "./autodiff/costs";
export {
  gradientEstimators,
  momentGenerating,
  momentsOf,
  type NormalLaw,
  reparameterised,
  scoreOfEnergy,
} from "./autodiff/estimation";
export * from "./autodiff/examples";
export {
  type Differences,
  finiteDifferences,
  type GradientCost,
  gradientCost,
  separable,
} from "./autodiff/finite-differences";
export {
  differentiateFormula,
  evaluateFormula,
  type Formula,
  formulaFunctions,
  formulaSize,
  parseFormula,
  showFormula,
} from "./autodiff/formula";
export { type FormulaCurves, formulaCurves } from "./autodiff/formula-curves";
export { formulaNames, formulaTex } from "./autodiff/formula-tex";
export { adjointFlow, type FlowEdge, type FlowNode, type GraphNode } from "./autodiff/graph";
export { formulaSweeps, type SweepLine, type SweepStep, type Sweeps, sweeps } from "./autodiff/sweeps";
export { type ClassifierOptions, digitClassifier, reducedClassifier } from "./digits/classifier";
export * from "./digits/flow";
export * from "./digits/frame";
export * from "./flow-matching/plane";
export { affineRecursion } from "./generative-models/affine-recursion";
export {
  type GaussianPair,
  lossFloor,
  lossFloorByQuadrature,
  pathVariance,
  transported,
} from "./generative-models/gaussian-flow";
export { attentionSteps, type ContractionStep, ternarySteps } from "./linalg/attention-steps";
export { convolve, convolveSamples, correlate, correlate2d, correlationTensor } from "./linalg/convolution";
export { convolveByFft, correlate2dByFft } from "./linalg/convolution-fft";
export { type ConvolutionAsMatrix, convolutionAsMatrix, convolutionAsMatrix2d } from "./linalg/convolution-matrix";
export { type CovarianceEllipse, covarianceEllipse, radiusFor } from "./linalg/covariance-ellipse";
export {
  compressImage,
  digitSpectra,
  type Eigendigits,
  eigendigits,
  type ImageCompression,
  leadingTriplets,
  reconstruction,
  reconstructionError,
  type Spectra,
  type SpectraOptions,
  type Spectrum,
  scatter,
  spectrumOf,
} from "./linalg/digit-spectra";
export {
  type EllipticOrbitOptions,
  ellipticMap,
  ellipticOrbit,
  ellipticPoint,
  largestGap,
} from "./linalg/elliptic-orbit";
export { gaussianScore, scoreAlongAxes } from "./linalg/gaussian-score";
export {
  buresWasserstein,
  type Gaussian,
  type GaussianBridge,
  gaussianBridge,
  gaussianKl,
  linearGenerators,
  symmetricRoot,
  transportCost,
  transportMatrix,
} from "./linalg/gaussian-transport";
export { type GraphFigure, graphFigure, pawGraph } from "./linalg/graph-figure";
export { type DecisionProcess, policyValue, type Regulator, regulator } from "./linalg/linear-control";
export {
  distinctPoints,
  orbit,
  orbitKind,
  type PlaneEigen,
  type PlaneMap,
  type PlaneVector,
  planeMap,
} from "./linalg/linear-map";
export { applyUpdate, fitUpdate, type LowRankUpdate, updateParameters } from "./linalg/low-rank-update";
export {
  type Completion,
  type CompletionFreedom,
  completeMatrix,
  completionFreedom,
  ratings,
} from "./linalg/matrix-completion";
export { address, arithmeticIntensity, type LayoutTiming, roofline, timeLayouts } from "./linalg/memory-layout";
export { bicubicMatrix, type RgbGreen, resizeBicubic, rgbGreen, viridis } from "./linalg/rgb-green";
export { populationCovariance, type Speciation, speciationTimes } from "./linalg/speciation";
export { geometricWeights, greenChannel, luma, type VideoWindow, videoMean, weightedEmbedding } from "./linalg/tensors";
export * from "./nn/attention";
export { halfSpace, type PerceptronFit, perceptron } from "./nn/perceptron";
export { exclusiveOr, neuron, reluInterpolant, twoLayer } from "./nn/two-layer";
export { iterates, optimizerTrace, quadratic } from "./optimization/optimizer-trace";
export {
  type Curvature,
  criticalMomentum,
  descentRate,
  heavyBallTuning,
  type Method,
  nesterovTuning,
  spectralRadius,
  stabilityLimit,
} from "./optimization/rates";
export { batches, batchGradients, moments, runningMeans } from "./optimization/stochastic";
