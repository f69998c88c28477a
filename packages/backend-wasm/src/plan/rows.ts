import { bytesPer } from "@ansatz/backend";
import type { Affine, Nest } from "../nest/ir";
import type { Access, NestStep, StripMember } from "./func";

/** What a nest or a product touches. */
export const accesses = ({ step, scale }: StripMember): Access[] =>
  step.kind === "nest" ? ofNest(step, scale) : step.type.inStrips.accesses(step, scale);

const ofNest = ({ nest, operands }: NestStep, scale: number): Access[] => {
  const of = (operand: number, address: Affine, dynamic: readonly unknown[]) => {
    const { buffer, offset } = operands[operand];
    const within = dynamic.length === 0 && offset === 0 ? rowOf(nest, address, scale) : undefined;
    return { buffer, row: within && within * bytesPer[nest.operands[operand]] };
  };
  return [
    ...nest.nodes.flatMap((n) => (n.kind === "load" ? [of(n.operand, n.address, n.dynamic)] : [])),
    ...nest.stores.map((s) => of(s.operand, s.address, s.dynamic)),
  ];
};

/** Elements from one row to the next, if an access stays in its row. */
const rowOf = (nest: Nest, { offset, coefs }: Affine, scale: number): number | undefined => {
  const row = (coefs[0] as number) * scale;
  let first = offset as number;
  let last = first;
  nest.dims.forEach((n, d) => {
    const way = (coefs[d] as number) * ((d === 0 ? scale : (n as number)) - 1);
    if (way < 0) first += way;
    else last += way;
  });
  return row > 0 && first >= 0 && last < row ? row : undefined;
};
