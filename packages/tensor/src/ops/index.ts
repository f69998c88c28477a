/** The raw core ops with their calculus, for rules: exactly typed operands, no promotion, no broadcasting. Not public. */
export * from "./arithmetic";
export * from "./batching";
export * from "./choice";
export * from "./comparison";
export * from "./contraction";
export * from "./convolution";
export * from "./cumulative";
export * from "./fill";
export * from "./indexing";
export * from "./random";
export * from "./reductions";
export * from "./shape";
export * from "./slicing";
export * from "./sorting";
export * from "./stop-gradient";
export * from "./transcendental";
export * from "./window";
