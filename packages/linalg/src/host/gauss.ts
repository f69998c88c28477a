/** Nodes and weights of Gauss–Legendre quadrature on [0, 1]. */
export const gauss = (m: number): { x: number; w: number }[] =>
  Array.from({ length: m }, (_, k) => {
    let t = Math.cos((Math.PI * (k + 0.75)) / (m + 0.5));
    let d = 1;
    for (let turn = 0; turn < 100; turn++) {
      let [p, q] = [1, 0];
      for (let j = 1; j <= m; j++) [p, q] = [((2 * j - 1) * t * p - (j - 1) * q) / j, p];
      d = (m * (t * p - q)) / (t * t - 1);
      const step = p / d;
      t -= step;
      if (Math.abs(step) < 1e-16) break;
    }
    return { x: (1 + t) / 2, w: 1 / ((1 - t * t) * d * d) };
  });
