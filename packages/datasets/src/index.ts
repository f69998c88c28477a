export { type DigitArrays, type DigitOptions, digitArrays } from "./digits";
export * from "./formats/index";
