export * from "./flow-matching/digits";
export * from "./flow-matching/plane";
