import { type GradientTransform, gradientDescent } from "@ansatz/optimization";
import { mul, square, sum, type Tensor, tensor } from "@ansatz/tensor";

/**
 * The fixture by which all first-order optimizers are compared (chapter 3.3): f(x, y) = ½(x² + 10y²) from (1, 1) in float64.
 * Diagonal methods (AdaGrad, RMSProp, Adam) move both coordinates alike; gradient descent and momentum do not.
 */
export const quadratic = (p: Tensor): Tensor => mul(0.5, sum(mul(square(p), tensor(Float64Array.of(1, 10)))));

/** Iterates 0 … steps, [x, y] each. */
export const optimizerTrace = async (optimizer: GradientTransform, steps: number): Promise<[number, number][]> => {
  const descent = gradientDescent(quadratic, optimizer);
  let state = descent.init(tensor(Float64Array.of(1, 1)));
  const trace: [number, number][] = [[1, 1]];
  for (let i = 0; i < steps; i++) {
    state = descent.step(state).state;
    const [x, y] = await state.params.data();
    trace.push([Number(x), Number(y)]);
  }
  return trace;
};
