import type { Row } from "../harness";
import { eagerOp, jitScalar } from "./calls";
import { kernelRows } from "./kernels";
import { largeRows } from "./large";
import { linalgRows } from "./linalg";
import { mlpStep } from "./mlp-step";
import { productRows } from "./products";
import { scanGradient } from "./scan-gradient";

export const rows: readonly Row[] = [
  eagerOp,
  jitScalar,
  ...productRows,
  ...kernelRows,
  mlpStep,
  scanGradient,
  ...linalgRows,
  ...largeRows,
];
