export { type ArbitraryOptions, arbitraryProgram } from "./arbitrary";
export type { ConformanceCase } from "./case";
export { type CaseFilter, type ConformanceGroup, conformanceCases, conformanceGroups } from "./cases";
export { type ContractLaw, contractLaws } from "./contract";
export { type MockDevice, type MockOptions, type MockStorage, mockDevice } from "./mock";
export { type Mismatch, type RunOptions, runCase, runCases } from "./run";
export { type Tolerance, toleranceOf } from "./tolerance";
export type { Special } from "./values";
