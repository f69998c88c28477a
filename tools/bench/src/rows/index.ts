import type { Row } from "../harness";
import { eagerOp, jitScalar } from "./calls";
import { largeRows } from "./large";
import { linalgRows } from "./linalg";
import { mlpStep } from "./mlp-step";
import { matmul512f32, matmul512f64 } from "./products";
import { scanGradient } from "./scan-gradient";

export const rows: readonly Row[] = [
  eagerOp,
  jitScalar,
  matmul512f32,
  matmul512f64,
  mlpStep,
  scanGradient,
  ...linalgRows,
  ...largeRows,
];
