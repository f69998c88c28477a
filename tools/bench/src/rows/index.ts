import type { Row } from "../harness";
import { eagerOp, jitScalar } from "./calls";
import { elementwiseRows } from "./elementwise";
import { linalgRows } from "./linalg";
import { mlpStep } from "./mlp-step";
import { matmul512f32, matmul512f64 } from "./products";
import { simulationRows } from "./simulation";

export const rows: readonly Row[] = [
  eagerOp,
  jitScalar,
  matmul512f32,
  matmul512f64,
  mlpStep,
  ...elementwiseRows,
  ...simulationRows,
  ...linalgRows,
];
