import { add, jit, matmul, mul, scan, sub, type Tensor, tanh, tensor } from "@ansatz/tensor";
import * as np from "numpy-ts";
import type { Contestant, Row } from "../harness";
import { ramp, ramp32 } from "../inputs";
import { pythonPeer } from "../peers/python";
import { tfjs } from "../peers/tfjs";

const [points, steps, h] = [10_000, 100, 0.01];
/** x, y and z of all points, one after another. */
const starts = (): Float64Array => ramp(3 * points, 5).map((v, i) => (i < 2 * points ? v : v + 25));

/** Point by point in plain numbers. */
const lorenzLoop = (s: Float64Array): Float64Array => {
  const out = s.slice();
  for (let p = 0; p < points; p++) {
    let [x, y, z] = [out[p], out[points + p], out[2 * points + p]];
    for (let i = 0; i < steps; i++) {
      const [x1, y1, z1] = [10 * (y - x), x * (28 - z) - y, x * y - (8 / 3) * z];
      let [u, v, w] = [x + (h / 2) * x1, y + (h / 2) * y1, z + (h / 2) * z1];
      const [x2, y2, z2] = [10 * (v - u), u * (28 - w) - v, u * v - (8 / 3) * w];
      [u, v, w] = [x + (h / 2) * x2, y + (h / 2) * y2, z + (h / 2) * z2];
      const [x3, y3, z3] = [10 * (v - u), u * (28 - w) - v, u * v - (8 / 3) * w];
      [u, v, w] = [x + h * x3, y + h * y3, z + h * z3];
      const [x4, y4, z4] = [10 * (v - u), u * (28 - w) - v, u * v - (8 / 3) * w];
      x += (h / 6) * (x1 + 2 * (x2 + x3) + x4);
      y += (h / 6) * (y1 + 2 * (y2 + y3) + y4);
      z += (h / 6) * (z1 + 2 * (z2 + z3) + z4);
    }
    [out[p], out[points + p], out[2 * points + p]] = [x, y, z];
  }
  return out;
};

type Triple<A> = [A, A, A];
/** What a library of arrays needs for the step; the classic one of Runge and Kutta of order 4. */
interface Arithmetic<A> {
  add(a: A, b: A): A;
  sub(a: A | number, b: A): A;
  mul(a: A | number, b: A): A;
}
const rk4 = <A>({ add, sub, mul }: Arithmetic<A>, s: Triple<A>): Triple<A> => {
  const slope = ([x, y, z]: Triple<A>): Triple<A> => [
    mul(10, sub(y, x)),
    sub(mul(x, sub(28, z)), y),
    sub(mul(x, y), mul(8 / 3, z)),
  ];
  const three = (f: (i: number) => A): Triple<A> => [f(0), f(1), f(2)];
  const along = (k: Triple<A>, t: number): Triple<A> => three((i) => add(s[i], mul(t, k[i])));
  const k1 = slope(s);
  const k2 = slope(along(k1, h / 2));
  const k3 = slope(along(k2, h / 2));
  const k4 = slope(along(k3, h));
  return three((i) => add(s[i], mul(h / 6, add(add(k1[i], mul(2, add(k2[i], k3[i]))), k4[i]))));
};
const parts = (): Triple<Float64Array> => {
  const s = starts();
  return [0, 1, 2].map((i) => s.slice(i * points, (i + 1) * points)) as unknown as Triple<Float64Array>;
};
const joined = (xs: readonly ArrayLike<number>[]): number[] => xs.flatMap((x) => Array.from(x));

const lorenz: Row = {
  name: "lorenz-rk4-1e4x100-f64",
  about: "100 steps of RK4 for the Lorenz equations from 10⁴ initial conditions, in one program, float64",
  reference: () => lorenzLoop(starts()),
  contestants: {
    ansatz: () => {
      const arithmetic: Arithmetic<Tensor> = { add, sub, mul };
      const simulate = jit(
        (s: Triple<Tensor>) =>
          scan((c: Triple<Tensor>) => [rk4(arithmetic, c), null] as const, s, null, { length: steps })[0],
      );
      const s = parts().map((x) => tensor(x)) as unknown as Triple<Tensor>;
      return {
        run: () => simulate(s),
        result: async () =>
          joined(await Promise.all((simulate(s) as Triple<Tensor>).map((x) => x.data() as Promise<Float64Array>))),
      };
    },
    "typed array": () => {
      const s = starts();
      return { run: () => lorenzLoop(s), result: () => lorenzLoop(s) };
    },
    "numpy-ts": () => {
      type A = ReturnType<typeof np.zeros>;
      const arithmetic = {
        add: (a: A, b: A) => np.add(a, b) as A,
        sub: (a: A | number, b: A) => (typeof a === "number" ? np.add(np.negative(b) as A, a) : np.subtract(a, b)) as A,
        mul: (a: A | number, b: A) => np.multiply(b, a) as A,
      };
      const start = parts().map((x) => np.array(Array.from(x))) as unknown as Triple<A>;
      const run = (): Triple<A> => {
        let s = start;
        for (let i = 0; i < steps; i++) s = rk4(arithmetic, s);
        return s;
      };
      return { run, result: () => joined(run().map((x) => x.data as Float64Array)) };
    },
    numpy: pythonPeer("numpy", "lorenz-rk4-1e4x100-f64"),
    pytorch: pythonPeer("torch", "lorenz-rk4-1e4x100-f64"),
  },
};

const [turns, size] = [10_000, 16];
const weights = (): Float32Array => ramp32(size * size, 0.25);
const bias = (): Float32Array => ramp32(size, 0.5);
const start = (): Float32Array => ramp32(size);

const recurrence = <A extends Float32Array | Float64Array>(make: new (x: ArrayLike<number>) => A): A => {
  const [w, b, x, y] = [new make(weights()), new make(bias()), new make(start()), new make(new Float32Array(size))];
  for (let k = 0; k < turns; k++) {
    for (let i = 0; i < size; i++) {
      let s = b[i];
      for (let j = 0; j < size; j++) s += w[i * size + j] * x[j];
      y[i] = Math.tanh(s) + 0.5 * x[i];
    }
    x.set(y);
  }
  return x;
};

/** Without jax-js, which has no scan: its compiled turn takes 6 ms a call, a minute in all. */
const smallScan: Row = {
  name: "scan-1e4x16-f32",
  about: "10⁴ turns of x ← tanh(W x + b) + x/2 for 16 numbers, float32",
  reference: () => recurrence(Float64Array),
  contestants: {
    ansatz: () => {
      const [w, b, x] = [tensor(weights(), { shape: [size, size] }), tensor(bias()), tensor(start())];
      const f = jit(
        (x0: Tensor) =>
          scan((c: Tensor) => [add(tanh(add(matmul(w, c), b)), mul(0.5, c)), null] as const, x0, null, {
            length: turns,
          })[0],
      );
      return { run: () => f(x), result: () => f(x).data() };
    },
    "typed array": () => ({ run: () => recurrence(Float32Array), result: () => recurrence(Float32Array) }),
    "tfjs-cpu": async (): Promise<Contestant> => {
      const { tf, on } = await tfjs("cpu");
      const w = tf.tensor2d(weights(), [size, size]);
      const b = tf.tensor2d(bias(), [size, 1]);
      const x0 = tf.tensor2d(start(), [size, 1]);
      const call = () => {
        let x = x0.clone();
        for (let i = 0; i < turns; i++) {
          const y = tf.tidy(() => tf.add(tf.tanh(tf.add(tf.matMul(w, x), b)), tf.mul(0.5, x)) as typeof x0);
          x.dispose();
          x = y;
        }
        return x;
      };
      return { run: () => on(() => call().dispose()), result: () => on(() => call().data()) };
    },
    "numpy-ts": () => {
      type A = ReturnType<typeof np.zeros>;
      const w = np.array(Array.from(weights()), "float32").reshape(size, size);
      const [b, x0] = [bias(), start()].map((v) => np.array(Array.from(v), "float32"));
      const call = (): A => {
        let x = x0;
        for (let i = 0; i < turns; i++) x = np.add(np.tanh(np.add(np.matmul(w, x) as A, b)), np.multiply(x, 0.5)) as A;
        return x;
      };
      return { run: call, result: () => call().data as Float32Array };
    },
    numpy: pythonPeer("numpy", "scan-1e4x16-f32"),
    pytorch: pythonPeer("torch", "scan-1e4x16-f32"),
  },
};

export const loopRows: readonly Row[] = [lorenz, smallScan];
