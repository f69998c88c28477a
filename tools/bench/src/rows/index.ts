import type { Row } from "../harness";
import { eagerOp, jitScalar } from "./calls";
import { digitsStep } from "./digits-step";
import { elementwiseRows } from "./elementwise";
import { kernelRows } from "./kernels";
import { largeRows } from "./large";
import { layerRows } from "./layers";
import { linalgRows } from "./linalg";
import { loopRows } from "./loops";
import { mlpStep } from "./mlp-step";
import { normalisedRows } from "./normalised";
import { productRows } from "./products";
import { scanGradient } from "./scan-gradient";
import { simulationRows } from "./simulation";
import { threadRows } from "./threads";

export const rows: readonly Row[] = [
  eagerOp,
  jitScalar,
  ...productRows,
  ...elementwiseRows,
  ...normalisedRows,
  ...layerRows,
  ...kernelRows,
  mlpStep,
  digitsStep,
  ...simulationRows,
  ...loopRows,
  scanGradient,
  ...linalgRows,
  ...largeRows,
  ...threadRows,
];
