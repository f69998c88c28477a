import { digits } from "@ansatz/datasets";
import { slicedWasserstein } from "@ansatz/generative-models";
import { key, reshape, mean, equal, tensor, tree, argmax } from "@ansatz/tensor";
import { digitFlow, reducedDigitFlow } from "./src/digits/flow";
import { digitClassifier } from "./src/digits/classifier";
(async () => {
  const tr = await digits({ split: "train", size: 14 }), te = await digits({ split: "test", size: 14 });
  const X = reshape(tr.images, [8000, 196]), T = reshape(te.images, [2000, 196]);
  const copt = { pixels: 196, width: 256, batch: 128, steps: 1500, rate: 2e-3, noise: 0.1 };
  const clf = digitClassifier(copt);
  let t0 = performance.now();
  let cs = clf.init(key(1));
  const ct = clf.train(X, tr.labels, key(2), 100);
  for (let i = 0; i < 15; i++) { const [s, l] = ct(cs); cs = s as typeof cs; if (i % 3 === 0) console.log("clf", i, (await l.data())[99], ((performance.now() - t0) / 1000).toFixed(1)); }
  console.log("test acc", clf.accuracy(cs.params, T, te.labels).item(), "s", (performance.now() - t0) / 1000);
  const o = { ...reducedDigitFlow, steps: Number(process.argv[2] ?? 1000), width: Number(process.argv[3] ?? 256) };
  const m = digitFlow(o);
  let s = m.init(key(3));
  const tt = m.train(X, tr.labels, key(4), 100);
  t0 = performance.now();
  for (let i = 0; i < o.steps / 100; i++) { const [n, l] = tt(s); s = n as typeof s; const d = await l.data(); if (i % 5 === 0) console.log("flow", i * 100, d.reduce((a: number, b: number) => a + b, 0) / 100, ((performance.now() - t0) / 1000).toFixed(1)); }
  console.log("trained", (performance.now() - t0) / 1000);
  const { takeRows } = { takeRows: (t: any, n: number) => t.slice ? t : t };
  const { slice, randint, take } = await import("@ansatz/tensor") as any;
  const N = 2000;
  const trainSub = take(X, randint(key(9), [N], 0, 8000), 0);
  console.log("SW train/test", slicedWasserstein(trainSub, T, key(6)).item());
  for (const guidance of [1, 1.25, 1.5, 2]) {
    const labels = te.labels;
    t0 = performance.now();
    const x = m.sample(s.params, labels, key(5), { steps: 20, guidance });
    const acc = mean(equal(clf.read(cs.params, x), labels)).item();
    console.log("guidance", guidance, "recognised", acc, "SW", slicedWasserstein(x, T, key(6)).item(), ((performance.now() - t0) / 1000).toFixed(1));
  }
})();
