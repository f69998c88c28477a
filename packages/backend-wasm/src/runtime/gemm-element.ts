import type { FunctionBuilder } from "../asm";

/** What differs between the two element types. */
export interface Element {
  readonly name: "f32" | "f64";
  readonly lanes: "f32x4" | "f64x2";
  /** log₂ of the bytes. */
  readonly log2: number;
  /** Columns of a tile: two vectors. */
  readonly width: number;
  /** Multiply and add in one rounding, where the engine and the machine can. */
  readonly fma: boolean;
  /** Products are subtracted. */
  readonly minus: boolean;
}

export const elementOf = (name: "f32" | "f64", fma: boolean, minus = false): Element =>
  name === "f32"
    ? { name, lanes: "f32x4", log2: 2, width: 8, fma, minus }
    : { name, lanes: "f64x2", log2: 3, width: 4, fma, minus };

/** Depth of a block of B: long enough to amortise a tile, short enough for a panel to stay in the first cache. */
export const depth = 256;

/** Rows of A that are packed together; fewer are read where they lie. */
export const packedRows = (e: Element): number => (e.fma ? 6 : 4);

/** Bytes of a packed element of A: it fills a vector, so that the loop has neither broadcasts nor row pointers. */
export const packedElement = 16;

export const splat = (f: FunctionBuilder, e: Element) => (e.log2 === 2 ? f.v128.load32_splat() : f.v128.load64_splat());
