export * from "./ops/all";
