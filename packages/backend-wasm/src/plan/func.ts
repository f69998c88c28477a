import type { Aval, DType, Op, Params } from "@ansatz/backend";
import type { Local } from "../asm";
import type { Frame, ProgramEmitter } from "../emit/program";
import type { WasmKernel } from "../kernel";
import type { Nest, Size } from "../nest/ir";
import type { unfoldParams } from "../runtime";
import type { Generaliser } from "./generalise";
import type { KeyWriter } from "./key";
import type { Layout } from "./layout";

/** A program or the body of a loop, lowered: steps over buffers. It becomes one function, called with the address of its frame. */
export interface Func {
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
  readonly steps: readonly Step[];
  /** The plan of its memory, once it is made (see layout.ts). */
  layout?: Layout;
}

/** A stretch of memory that holds one value (or several, one after the other, when the plan lets it). */
export interface Buffer {
  readonly id: number;
  readonly bytes: number;
  /** Inputs and outputs are reached through pointers in the frame; temporaries lie in the frame itself. */
  home: "input" | "output" | "temp";
  /** Which input or output. */
  slot: number;
}

/** A place in a buffer, in bytes. */
export interface Ref {
  readonly buffer: Buffer;
  readonly offset: Size;
}

export const at = (buffer: Buffer, offset = 0): Ref => ({ buffer, offset });

export const scratchBuffer = (bytes: number): Buffer => ({ id: -1, bytes, home: "temp", slot: -1 });

/** What a step is to the plan and to the emitter. Steps hold it, so a bundle carries the kinds of steps that it reaches. */
export interface StepType<S> {
  /** As text: steps of equal texts have equal code. */
  key(s: S, k: KeyWriter): string;
  uses(s: S): Uses;
  /** Whether the step may write `to` over `from`: every element is read just before it is written, and not again. */
  inPlace?(s: S, from: Buffer, to: Buffer): boolean;
  /** The same step with its numbers made arguments of the call; absent where bodies have shapes of their own. */
  general?(s: S, g: Generaliser): S;
  emit(p: ProgramEmitter, frame: Frame, s: S): void;
  /** In the order in which code is emitted for them. */
  hostCalls?(s: S): HostCall[];
}

export const typeOf = (s: Step): StepType<Step> => s.type as StepType<never> as StepType<Step>;

/** Which buffers a step touches. */
export interface Uses {
  readonly reads: readonly Buffer[];
  readonly writes: readonly Buffer[];
  /** Memory needed during the step only. */
  readonly scratch: readonly Buffer[];
}

export const buffersOf = (refs: readonly (Ref | undefined)[]): Buffer[] => refs.flatMap((r) => (r ? [r.buffer] : []));

export const hostCallsOf = (func: Func): HostCall[] => func.steps.flatMap((s) => typeOf(s).hostCalls?.(s) ?? []);

export type Step =
  | NestStep
  | StripsStep
  | CopyStep
  | MatmulStep
  | ConvStep
  | SortStep
  | KernelStep
  | HostStep
  | ScanStep
  | WhileStep
  | CondStep;

export interface NestStep {
  readonly type: StepType<NestStep>;
  readonly kind: "nest";
  readonly nest: Nest;
  /** One per operand of the nest. */
  readonly operands: readonly Ref[];
  /** Extent of the outermost parallel dim that one call covers; 0 for all of it. */
  readonly tile: Size;
}

/** Loops over the same rows that take turns, a strip of rows at a time: see strips.ts. */
export interface StripsStep {
  readonly type: StepType<StripsStep>;
  readonly kind: "strips";
  readonly members: readonly StripMember[];
  readonly rows: number;
  /** Rows in a strip. */
  readonly strip: number;
  /** Temporaries that hold one strip, the bytes of a row of each, and where they lie in the scratch memory. */
  readonly rolling: readonly { readonly buffer: Buffer; readonly row: number; readonly at: number }[];
  readonly scratch: Buffer;
  /** Where in the scratch memory products have theirs. */
  readonly productScratch: number;
}

/** A buffer that is touched, in rows of so many bytes; no number where an access may leave its row. */
export interface Access {
  readonly buffer: Buffer;
  readonly row: number | undefined;
}

/** A nest or a product among others: one of their rows is `scale` steps of its outermost dim, or rows of its result. */
export interface StripMember {
  readonly step: NestStep | MatmulStep;
  readonly scale: number;
  /** The right operand of a product, packed before the first strip: where, and the bytes of one member of the batch. */
  readonly packed?: { readonly as: "lines" | "panels"; readonly to: Buffer; readonly bytes: number };
}

export interface CopyStep {
  readonly type: StepType<CopyStep>;
  readonly kind: "copy";
  readonly from: Ref;
  readonly to: Ref;
  readonly bytes: Size;
}

/** A matrix seen through strides, in elements. */
export interface Matrix {
  readonly ref: Ref;
  readonly row: Size;
  readonly column: Size;
  /** Stride of each batch dim. */
  readonly batch: readonly Size[];
}

export interface ProductMember extends StripMember {
  readonly step: MatmulStep;
}

/** What strips know of products. The type of the step brings it, so that bundles without products carry nothing of them. */
export interface ProductsInStrips {
  /** Whether its strips give the bits of the whole. */
  divides(s: MatmulStep): boolean;
  accesses(s: MatmulStep, scale: number): Access[];
  /** Rows in a strip of so many bytes a row; undefined where strips do not pay. */
  stripOf(perRow: number, rows: number): number | undefined;
  packing(s: MatmulStep): StripMember["packed"];
  /** Whether packing costs no more memory than `saved` bytes, or little. */
  worthPacking(members: readonly StripMember["packed"][], saved: number): boolean;
  scratchBytes(m: ProductMember, strip: number): number;
  key(m: ProductMember, place: (r: Ref) => string, k: KeyWriter): string;
  /** How many strips make threads worth their waking. */
  worthThreads(m: ProductMember, strip: number): number;
  /** Packs the right operand, before the first strip. */
  pack(p: ProgramEmitter, frame: Frame, m: ProductMember): void;
  /** The rows [from, to). */
  call(
    p: ProgramEmitter,
    frame: Frame,
    m: ProductMember,
    bounds: readonly [from: Local, to: Local],
    push: (r: Ref) => void,
    scratch: () => void,
  ): void;
}

/** c[i, j] = Σ_k a[i, k] · b[k, j], for every index of the batch. */
export interface MatmulStep {
  readonly type: StepType<MatmulStep> & { readonly inStrips: ProductsInStrips };
  readonly kind: "matmul";
  readonly dtype: "float64" | "float32";
  readonly batch: readonly Size[];
  readonly m: Size;
  readonly n: Size;
  readonly k: Size;
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
  readonly scratch: Ref;
}

export const isProduct = (m: StripMember): m is ProductMember => m.step.kind === "matmul";

/** How many products a step is, of known sizes. */
export const membersOf = ({ batch }: MatmulStep): number => batch.reduce<number>((n, size) => n * (size as number), 1);

/** The numbers of a convolution: of images, of the unfolded matrix (see runtime/unfold.ts), and of the products with it. */
export type ConvSize =
  | Exclude<(typeof unfoldParams)[number], "source" | "destination" | "toChannelStep" | "toRowStep">
  | "images"
  | "imageStep"
  | "groups"
  /** Output channels of a group, and elements of its kernel for each of them. */
  | "perGroup"
  | "taps"
  /** Channels unfolded at a time. */
  | "channelsAtOnce"
  | "columnBytes"
  | "outImageStep"
  | "outRowStep";

/** out = kernel ⋆ x, by products with unfolded images. */
export interface ConvStep {
  readonly type: StepType<ConvStep>;
  readonly kind: "conv";
  readonly dtype: "float64" | "float32";
  /** What the rows of the unfolded matrix are, the shorter: the window's taps, image by image; or the places, all images together. */
  readonly rows: "taps" | "places";
  readonly sizes: Readonly<Record<ConvSize, Size>>;
  readonly x: Ref;
  readonly kernel: Ref;
  readonly out: Ref;
  readonly scratch: Ref;
}

/** Every line of `length` elements, `inner` apart, of contiguous operands [outer, length, inner], sorted by the first `keys` of them. */
export interface SortStep {
  readonly type: StepType<SortStep>;
  readonly kind: "sort";
  readonly dtypes: readonly DType[];
  readonly keys: number;
  readonly outer: Size;
  readonly length: Size;
  readonly inner: Size;
  readonly from: readonly Ref[];
  readonly to: readonly Ref[];
  /** For one line; behind what the sort needs lies the line's order, where more than one operand must follow it. */
  readonly scratch: Ref;
  readonly scratchBytes: Size;
  readonly order: Size | undefined;
}

/** A kernel that an extension op brought. */
export interface KernelStep {
  readonly type: StepType<KernelStep>;
  readonly kind: "kernel";
  readonly op: Op;
  readonly kernel: WasmKernel;
  readonly params: Params;
  readonly variant: string;
  readonly dtypes: { readonly inputs: readonly DType[]; readonly outputs: readonly DType[] };
  readonly dims: readonly Size[];
  readonly batch: Size;
  readonly inputs: readonly Member[];
  readonly outputs: readonly Member[];
  readonly scratch: Ref | undefined;
  readonly scratchBytes: Size;
}

/** The first member of a batch, and the bytes of each. */
export interface Member {
  readonly ref: Ref;
  readonly bytes: Size;
}

/** A call of TypeScript on the host: an op that has no other form, or a tap. */
export interface HostStep {
  readonly type: StepType<HostStep>;
  readonly kind: "host";
  readonly call: HostCall;
  readonly inputs: readonly Ref[];
  readonly outputs: readonly Ref[];
  /** Where the pointers to them are written for the host to find. */
  readonly table: Ref;
}

export interface HostCall {
  readonly op: Op;
  readonly params: Params;
  readonly inputs: readonly Aval[];
  readonly outputs: readonly Aval[];
}

export interface ScanStep {
  readonly type: StepType<ScanStep>;
  readonly kind: "scan";
  readonly body: Func;
  readonly length: number;
  readonly reverse: boolean;
  readonly consts: readonly Ref[];
  readonly carry: readonly Carry[];
  readonly xs: readonly Slices[];
  readonly ys: readonly Slices[];
  /** The frame of the body lies here. */
  readonly frame: Buffer;
}

/**
 * A carried value: where it begins, where it ends, and a second place to alternate with, unless every turn may write its new value
 * over the old one.
 */
export interface Carry {
  readonly from: Ref;
  readonly to: Ref;
  readonly spare: Ref | undefined;
  readonly bytes: number;
}

export interface Slices {
  readonly ref: Ref;
  /** Bytes of one slice. */
  readonly bytes: number;
}

export interface WhileStep {
  readonly type: StepType<WhileStep>;
  readonly kind: "while";
  readonly cond: Func;
  readonly body: Func;
  readonly condConsts: readonly Ref[];
  readonly bodyConsts: readonly Ref[];
  readonly carry: readonly Carry[];
  readonly predicate: Ref;
  readonly condFrame: Buffer;
  readonly bodyFrame: Buffer;
}

export interface CondStep {
  readonly type: StepType<CondStep>;
  readonly kind: "cond";
  readonly index: Ref;
  readonly branches: readonly Func[];
  readonly operands: readonly Ref[];
  readonly outputs: readonly Ref[];
  readonly frames: readonly Buffer[];
}
