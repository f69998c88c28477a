import {
  add,
  arange,
  concatenate,
  cos,
  div,
  exp,
  expandDims,
  matmul,
  mean,
  mul,
  normal,
  oneHot,
  sigmoid,
  sin,
  split,
  sqrt,
  square,
  sub,
  type Tensor,
  zeros,
} from "@ansatz/tensor";

/** y = xW + b */
export interface Dense {
  readonly w: Tensor;
  readonly b: Tensor;
}

export interface VelocityParams {
  readonly input: Dense;
  readonly condition: Dense;
  readonly blocks: readonly { readonly mix: Dense; readonly shift: Dense }[];
  readonly output: Dense;
}

export interface VelocityShape {
  /** Coordinates of a point. */
  readonly d: number;
  readonly hidden: number;
  readonly layers: number;
  readonly classes: number;
}

const frequencies = 32;
const conditionWidth = 128;

const float32 = { dtype: "float32" } as const;

/** Weights normal with variance 1/inputs (LeCun), no offset. */
const dense = (key: Tensor, inputs: number, outputs: number): Dense => ({
  w: mul(1 / Math.sqrt(inputs), normal(key, [inputs, outputs], float32)),
  b: zeros([outputs], float32),
});
const apply = ({ w, b }: Dense, x: Tensor): Tensor => add(matmul(x, w), b);
const silu = (x: Tensor): Tensor => mul(x, sigmoid(x));

/** Mean 0 and variance 1 over the last axis. */
const normalized = (x: Tensor): Tensor => {
  const centred = sub(x, mean(x, -1, { keepDims: true }));
  return div(centred, sqrt(add(mean(square(centred), -1, { keepDims: true }), 1e-5)));
};

/** The last layer begins at 0: the field is then the Gaussian one of `flow.ts`, and learning starts from there. */
export const initVelocity = (key: Tensor, { d, hidden, layers, classes }: VelocityShape): VelocityParams => {
  const keys = [...split(key, 2 + 2 * layers)];
  return {
    input: dense(keys[0], d, hidden),
    condition: dense(keys[1], 2 * frequencies + classes, conditionWidth),
    blocks: Array.from({ length: layers }, (_, i) => ({
      mix: dense(keys[2 + 2 * i], hidden, hidden),
      shift: dense(keys[3 + 2 * i], conditionWidth, hidden),
    })),
    output: { w: zeros([hidden, d], float32), b: zeros([d], float32) },
  };
};

/** sin and cos of t at 32 frequencies from 1 to 1000, evenly spaced in their logarithms. */
const timeFeatures = (t: Tensor): Tensor => {
  const rate = exp(mul(Math.log(1000) / (frequencies - 1), arange(frequencies, float32)));
  const angle = mul(expandDims(t, 1), rate);
  return concatenate([sin(angle), cos(angle)], 1);
};

/**
 * A residual network: h ← h + silu(normalized(h) W + b + shift(c)), where c is made of time and class.
 *
 * @param x  points [n, d]   @param t  times [n] in [0, 1]   @param labels  classes [n], int32
 */
export const velocityNetwork = (p: VelocityParams, x: Tensor, t: Tensor, labels: Tensor, classes: number): Tensor => {
  const c = silu(apply(p.condition, concatenate([timeFeatures(t), oneHot(labels, classes, float32)], 1)));
  const h = p.blocks.reduce(
    (h, { mix, shift }) => add(h, silu(add(apply(mix, normalized(h)), apply(shift, c)))),
    apply(p.input, x),
  );
  return apply(p.output, h);
};
