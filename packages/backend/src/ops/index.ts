import type { CoreOp } from "../op";
import * as control from "./control";
import { bitcast, elementwise, iota } from "./elementwise";
import * as reductions from "./reductions";
import * as shape from "./shape";

const {
  reduceSum,
  reduceProd,
  reduceMax,
  reduceMin,
  reduceAnd,
  reduceOr,
  argmax,
  argmin,
  cumSum,
  cumProd,
  cumMax,
  cumMin,
} = reductions;

/** The closed list: every backend answers each of these by name. */
export const coreOps = [
  ...elementwise,
  bitcast,
  iota,
  reduceSum,
  reduceProd,
  reduceMax,
  reduceMin,
  reduceAnd,
  reduceOr,
  argmax,
  argmin,
  cumSum,
  cumProd,
  cumMax,
  cumMin,
  reductions.dotGeneral,
  reductions.convGeneral,
  reductions.reduceWindow,
  shape.reshape,
  shape.transpose,
  shape.broadcast,
  shape.slice,
  shape.dynamicSlice,
  shape.dynamicUpdateSlice,
  shape.pad,
  shape.concatenate,
  shape.reverse,
  shape.gather,
  shape.scatter,
  shape.sort,
  shape.randomBits,
  shape.randomSplit,
  shape.randomFoldIn,
  control.call,
  control.scan,
  control.whileLoop,
  control.cond,
  control.tap,
] as unknown as readonly CoreOp[];
