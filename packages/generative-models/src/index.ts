export { type FlowMatchingOptions, flowMatchingLoss } from "./flow-matching";
export { energyDistance, slicedWasserstein } from "./metrics";
export { empiricalVelocity, gaussianVelocity } from "./oracles";
export { type ConditionalPath, straightPath, type VelocityField } from "./path";
export { type FlowOptions, flowTrajectory, sampleFlow } from "./sample-flow";
export { guided, type VelocityNetOptions, type VelocityNetParams, velocityNet } from "./velocity-net";
