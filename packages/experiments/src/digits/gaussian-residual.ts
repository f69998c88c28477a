import { gaussianVelocity, type VelocityField } from "@ansatz/generative-models";
import { add, div, expandDims, mean, mul, sqrt, square, sub, type Tensor } from "@ansatz/tensor";

/**
 * The field v = v_G + σ f(x / m, t) around that of a Gaussian: v_G carries noise to independent N(0, s²), its error on such data has
 * variance σ² = s² / (t² s² + (1 − t)²), and m² is the mean of t² s² + (1 − t)² over the coordinates. So the network f learns what
 * is not Gaussian, its inputs and outputs are near 1, and f = 0 already gives the data's mean and variances.
 *
 * @param residual  f(x, t) for x [n, d], t [n]   @param variance  s² [d]
 * @see Karras et al. 2022, arXiv:2206.00364, §5 (the same idea for denoisers)
 */
export const gaussianResidual = (residual: VelocityField, variance: Tensor): VelocityField => {
  const gaussian = gaussianVelocity(0, sqrt(variance));
  return (x, time) => {
    const t = expandDims(time, 1);
    const noise = square(sub(1, t));
    const sigma = sqrt(div(variance, add(mul(square(t), variance), noise)));
    const m = sqrt(add(mul(square(t), mean(variance)), noise));
    return add(gaussian(x, time), mul(sigma, residual(div(x, m), time)));
  };
};
