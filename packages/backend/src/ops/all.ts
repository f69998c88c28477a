export * from "./control";
export * from "./elementwise";
export * from "./reductions";
export * from "./shape";
