import { fori, matmul, stack, type Tensor, tensor } from "@ansatz/tensor";

export interface EllipticOrbitOptions {
  /** Half axes of the ellipse. */
  readonly a?: number;
  readonly b?: number;
  /** Angle of one step, in radians. */
  readonly theta?: number;
}

/** A = D R(θ) D⁻¹ with D = diag(a, b), whose orbits lie on ellipses (exercise 1.1.1). */
export const ellipticMap = ({ a = 2, b = 1, theta = 1 }: EllipticOrbitOptions = {}): Tensor => {
  if (!(a > 0 && b > 0)) throw new RangeError(`ellipticMap: half axes must be positive, got a = ${a}, b = ${b}`);
  const [c, s] = [Math.cos(theta), Math.sin(theta)];
  return tensor(Float64Array.of(c, (-a / b) * s, (b / a) * s, c)).reshape([2, 2]);
};

/** x₀ = (a, 0) and its first `steps` images, [steps + 1, 2], by repeated products. */
export const ellipticOrbit = (steps: number, options: EllipticOrbitOptions = {}): Tensor => {
  const m = ellipticMap(options);
  const points = [tensor(Float64Array.of(options.a ?? 2, 0))];
  for (let t = 0; t < steps; t++) points.push(matmul(m, points[t]));
  return stack(points);
};

/** The point after `steps` products, without the way. */
export const ellipticPoint = (steps: number, options: EllipticOrbitOptions = {}): Tensor => {
  const m = ellipticMap(options);
  return fori(0, steps, (_, x: Tensor) => matmul(m, x), tensor(Float64Array.of(options.a ?? 2, 0))) as Tensor;
};

/** The largest gap between neighbouring angles 0, θ, 2θ, … (count of them) on the circle. */
export const largestGap = (count: number, theta: number): number => {
  const turn = 2 * Math.PI;
  const angles = Array.from({ length: count }, (_, t) => (t * theta) % turn).sort((x, y) => x - y);
  return angles.reduce((gap, x, i) => Math.max(gap, (i + 1 < count ? angles[i + 1] : angles[0] + turn) - x), 0);
};
