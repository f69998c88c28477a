import { i32, type Local, type ModuleBuilder, v128 } from "@ansatz/backend-wasm/asm";
import { across, plus } from "./emit";

/** Columns turned together: four vectors, which fill the pipes while they wait for each other. */
export const lanes = 8;

export interface RotationKernels {
  /**
   * Chains of plane rotations on the rows of z [rows, n]. A chain is four 32-bit integers at `list`: its first row, the distance of the next one (1 or
   * -1), where its cosines and sines lie by pairs (in bytes), and how many they are. The row v and the next one w become c v + s w and c w - s v;
   * the latter meets the row after it, and so on. `scratch` holds `lanes` entries for every row: so many columns are copied there, turned by
   * all chains, and put back, which keeps them in the first cache and within a few pages.
   */
  rotations(z: number, rows: number, n: number, list: number, chains: number, scratch: number): void;
}

export const addRotationKernels = (m: ModuleBuilder): void => {
  const rowBytes = lanes * 8;
  // the carried row stays in registers: one load and one store for each rotation
  const chain = m.func([i32, i32, i32, i32], [], (f, p, step, cs, count) => {
    const [t, k] = [f.local(i32), f.local(i32)];
    const v = Array.from({ length: lanes / 2 }, () => f.local(v128));
    const w = v.map(() => f.local(v128));
    const [c, s] = [f.local(v128), f.local(v128)];
    v.forEach((x, i) =>
      f
        .get(p)
        .v128.load(16 * i)
        .set(x),
    );
    f.forRange(t, 0, count, 1, () => {
      f.get(cs).v128.load64_splat(0).set(c);
      f.get(cs).v128.load64_splat(8).set(s);
      f.get(p).get(step).i32.add().set(k);
      w.forEach((x, i) =>
        f
          .get(k)
          .v128.load(16 * i)
          .set(x),
      );
      v.forEach((x, i) => {
        f.get(p)
          .get(c)
          .get(x)
          .f64x2.mul()
          .get(s)
          .get(w[i])
          .f64x2.mul()
          .f64x2.add()
          .v128.store(16 * i);
        f.get(c).get(w[i]).f64x2.mul().get(s).get(x).f64x2.mul().f64x2.sub().set(x);
      });
      f.get(k).set(p);
      f.inc(cs, 16);
    });
    v.forEach((x, i) =>
      f
        .get(p)
        .get(x)
        .v128.store(16 * i),
    );
  });

  /** `columns` columns of z to the scratch memory, or back. */
  const move = (back: boolean) =>
    m.func([i32, i32, i32, i32, i32], [], (f, z, step, rows, columns, scratch) => {
      const i = f.local(i32);
      const [from, to] = back ? [scratch, z] : [z, scratch];
      f.forRange(i, 0, rows, 1, () => {
        across(
          f,
          columns,
          2,
          (at) => {
            plus(f, to, at);
            plus(f, from, at).v128.load(0, 3).v128.store(0, 3);
          },
          (at) => {
            plus(f, to, at);
            plus(f, from, at).f64.load().f64.store();
          },
        );
        f.inc(z, step).inc(scratch, rowBytes);
      });
    });
  const [fetch, deliver] = [move(false), move(true)];

  const rotations = m.func(new Array(6).fill(i32), [], (f, z, rows, n, list, chains, scratch) => {
    const [j, i] = [f.local(i32), f.local(i32)];
    const step = f.get(n).i32.const(3).i32.shl().keep(i32);
    f.forRange(j, 0, n, lanes, () => {
      const rest = f.get(n).get(j).i32.sub().keep(i32);
      const columns = f.get(rest).i32.const(lanes).get(rest).i32.const(lanes).i32.lt_s().select().keep(i32);
      const part = (call: typeof fetch) => f.get(z).get(step).get(rows).get(columns).get(scratch).call(call);
      part(fetch);
      const item: Local = f.get(list).keep(i32);
      f.forRange(i, 0, chains, 1, () => {
        f.get(item).i32.load().i32.const(rowBytes).i32.mul().get(scratch).i32.add();
        f.get(item).i32.load(4).i32.const(rowBytes).i32.mul();
        f.get(item).i32.load(8).get(item).i32.load(12).call(chain);
        f.inc(item, 16);
      });
      part(deliver);
      f.inc(z, rowBytes);
    });
  });
  m.export("rotations", rotations);
};
