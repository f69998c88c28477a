import { Device } from "./src/gpu";

const d = new Device({});
const one = { size: 4, width: 1, height: 1, shift: 0 };
(globalThis as any).dbg = (xs: number[], body: string, vector: string[]) => {
  const x = d.upload(Float32Array.from(xs), one);
  const y = d.draw({ inputs: [one], ints: [], out: one, vector, scalar: [], body }, [x]);
  return [...d.readSync(y)];
};
