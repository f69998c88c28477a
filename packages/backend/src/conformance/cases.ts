import type { DType } from "../dtype";
import { type Program, subprograms } from "../program";
import type { ConformanceCase } from "./case";
import { controlCases } from "./control-cases";
import { elementwiseCases } from "./elementwise-cases";
import { reductionCases } from "./reduction-cases";
import { shapeCases } from "./shape-cases";

/** Which cases to make. */
export interface CaseFilter {
  readonly dtypes: readonly DType[];
  /** Only these ops, by name; "program" for whole programs. */
  readonly ops?: readonly string[];
}

/** Whether every value of a program, nested ones included, has one of these dtypes. */
const staysWithin = (p: Program, dtypes: ReadonlySet<DType>): boolean =>
  p.inputs.every((v) => dtypes.has(v.aval.dtype)) &&
  p.outputs.every((a) => dtypes.has(a.aval.dtype)) &&
  p.equations.every(
    (eq) =>
      eq.outputs.every((v) => dtypes.has(v.aval.dtype)) && subprograms(eq.params).every((b) => staysWithin(b, dtypes)),
  );

const built = new Map<DType, readonly ConformanceCase[]>();
const casesOf = (d: DType): readonly ConformanceCase[] => {
  let cases = built.get(d);
  if (!cases) {
    cases = [...elementwiseCases(d), ...reductionCases(d), ...shapeCases(d), ...controlCases(d)];
    built.set(d, cases);
  }
  return cases;
};

/**
 * Every core op in every dtype it takes, over shape classes and special values, and the structures of whole programs. Give the dtypes
 * of the device; int32 and bool should be among them, since indices and predicates are.
 */
export const conformanceCases = (filter: CaseFilter): ConformanceCase[] => {
  const within = new Set(filter.dtypes);
  const ops = filter.ops && new Set(filter.ops);
  return filter.dtypes.flatMap(casesOf).filter((c) => (!ops || ops.has(c.op)) && staysWithin(c.program, within));
};

/** The cases of one op in one dtype. */
export interface ConformanceGroup {
  /** `add float32` */
  readonly name: string;
  readonly op: string;
  readonly dtype: DType;
  readonly cases: readonly ConformanceCase[];
}

/** The cases by op and dtype: a row of a test table each. */
export const conformanceGroups = (filter: CaseFilter): ConformanceGroup[] => {
  const groups = new Map<string, ConformanceCase[]>();
  for (const c of conformanceCases(filter)) {
    const name = `${c.op} ${c.dtype}`;
    groups.set(name, [...(groups.get(name) ?? []), c]);
  }
  return [...groups].map(([name, cases]) => ({ name, op: cases[0].op, dtype: cases[0].dtype, cases }));
};
