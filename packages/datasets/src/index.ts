export { type DigitArrays, type DigitOptions, digitArrays, digits } from "./digits";
export * from "./formats/index";
