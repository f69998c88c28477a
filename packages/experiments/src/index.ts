export { type ClassifierOptions, digitClassifier, reducedClassifier } from "./digits/classifier";
export { type DigitFlowOptions, type DigitFlowState, digitFlow, reducedDigitFlow } from "./digits/flow";
export * from "./flow-matching/digits";
export * from "./flow-matching/plane";
export { type GaussianPair, lossFloor, pathVariance, transported } from "./generative-models/gaussian-flow";
export {
  type EllipticOrbitOptions,
  ellipticMap,
  ellipticOrbit,
  ellipticPoint,
  largestGap,
} from "./linalg/elliptic-orbit";
export { type Completion, completeMatrix, ratings } from "./linalg/matrix-completion";
export { optimizerTrace, quadratic } from "./optimization/optimizer-trace";
