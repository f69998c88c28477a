import { type Descent, type GradientTransform, gradientDescent } from "@ansatz/optimization";
import { mul, square, sum, type Tensor, tensor } from "@ansatz/tensor";

/**
 * The fixture by which all first-order optimizers are compared (chapter 3.3): f(x, y) = ½(x² + 10y²) from (1, 1) in float64.
 * Diagonal methods (AdaGrad, RMSProp, Adam) move both coordinates alike; gradient descent and momentum do not.
 */
export const quadratic = (p: Tensor): Tensor => mul(0.5, sum(mul(square(p), tensor(Float64Array.of(1, 10)))));

/** Iterates 0 … steps of a method, [x, y] each, from (1, 1). */
export const iterates = async (descent: Descent<Tensor, []>, steps: number): Promise<[number, number][]> => {
  let state = descent.init(tensor(Float64Array.of(1, 1)));
  const path: [number, number][] = [[1, 1]];
  for (let i = 0; i < steps; i++) {
    state = descent.step(state).state;
    const [x, y] = await state.params.data();
    path.push([Number(x), Number(y)]);
  }
  return path;
};

/** Iterates 0 … steps of gradient descent with an optimizer. */
export const optimizerTrace = (optimizer: GradientTransform, steps: number): Promise<[number, number][]> =>
  iterates(gradientDescent(quadratic, optimizer) as Descent<Tensor, []>, steps);
