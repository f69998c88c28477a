export { type Batches, type BatchPosition, batches } from "./batches";
export { type DigitArrays, type DigitOptions, digitArrays, digits } from "./digits";
export * from "./formats/index";
export {
  checkerboard,
  eightGaussians,
  moons,
  rings,
  spiral,
  type ToyLaw,
  type ToyLawName,
  type ToyOptions,
  toyLaws,
} from "./toy";
