import type { Row } from "../harness";
import { eagerOp, jitScalar } from "./calls";
import { kernelRows } from "./kernels";
import { linalgRows } from "./linalg";
import { mlpStep } from "./mlp-step";
import { productRows } from "./products";

export const rows: readonly Row[] = [eagerOp, jitScalar, ...productRows, ...kernelRows, mlpStep, ...linalgRows];
