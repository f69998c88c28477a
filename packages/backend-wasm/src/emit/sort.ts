import type { DType } from "@ansatz/backend";
import type { Callable, ModuleBuilder } from "../asm";

export const addSort = (m: ModuleBuilder, dtypes: readonly DType[], keys: number): Callable => {
  void m;
  throw new Error(`no sort ${dtypes.join()} ${keys}`);
};
