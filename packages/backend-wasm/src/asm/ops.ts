/**
 * The opcode tables. One string per namespace: `@hex` sets the next opcode, every other word takes it and counts on.
 * Opcodes from 0x10000 on carry the prefix 0xfc, those from 0x20000 on the prefix 0xfd (vectors); the low 16 bits follow it.
 * The types of the emitting methods are read off the same strings, so a name is written once.
 */
const int = "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr";
const float = "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign";
const intCompare = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
const floatCompare = "eq ne lt gt le ge";
const truncate = "trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u";
const saturate = "trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u";
const convert = "convert_i32_s convert_i32_u convert_i64_s convert_i64_u";
const shifts = "shl shr_s shr_u add";
const vectorFloat = "sqrt add sub mul div min max pmin pmax";

export const tables = {
  i32: `@28 load @2c load8_s load8_u load16_s load16_u @36 store @3a store8 store16 @45 eqz ${intCompare} @67 ${int} @a7 wrap_i64 ${truncate} @bc reinterpret_f32 @c0 extend8_s extend16_s @10000 ${saturate}`,
  i64: `@29 load @30 load8_s load8_u load16_s load16_u load32_s load32_u @37 store @3c store8 store16 store32 @50 eqz ${intCompare} @79 ${int} @ac extend_i32_s extend_i32_u ${truncate} @bd reinterpret_f64 @c2 extend8_s extend16_s extend32_s @10004 ${saturate}`,
  f32: `@2a load @38 store @5b ${floatCompare} @8b ${float} @b2 ${convert} demote_f64 @be reinterpret_i32`,
  f64: `@2b load @39 store @61 ${floatCompare} @99 ${float} @b7 ${convert} promote_f32 @bf reinterpret_i64`,
  v128: `@20000 load load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u load8_splat load16_splat load32_splat load64_splat store @2004d not and andnot or xor bitselect any_true load8_lane load16_lane load32_lane load64_lane store8_lane store16_lane store32_lane store64_lane load32_zero load64_zero`,
  i8x16: `@2000e swizzle splat @20015 extract_lane_s extract_lane_u replace_lane @20023 ${intCompare} @20060 abs neg popcnt all_true bitmask narrow_i16x8_s narrow_i16x8_u @2006b ${shifts} @20071 sub @20076 min_s min_u max_s max_u @20100 relaxed_swizzle`,
  i16x8: `@20010 splat @20018 extract_lane_s extract_lane_u replace_lane @2002d ${intCompare} @20080 abs neg @20083 all_true bitmask narrow_i32x4_s narrow_i32x4_u extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u ${shifts} @20091 sub @20095 mul min_s min_u max_s max_u`,
  i32x4: `@20011 splat @2001b extract_lane replace_lane @20037 ${intCompare} @200a0 abs neg @200a3 all_true bitmask @200a7 extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u ${shifts} @200b1 sub @200b5 mul min_s min_u max_s max_u @200f8 trunc_sat_f32x4_s trunc_sat_f32x4_u @200fc trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero`,
  i64x2: `@20012 splat @2001d extract_lane replace_lane @200c0 abs neg @200c3 all_true bitmask @200c7 extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u ${shifts} @200d1 sub @200d5 mul eq ne lt_s gt_s le_s ge_s extmul_low_i32x4_s extmul_high_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u`,
  f32x4: `@20013 splat @2001f extract_lane replace_lane @20041 ${floatCompare} @2005e demote_f64x2_zero @20067 ceil floor trunc nearest @200e0 abs neg @200e3 ${vectorFloat} @200fa convert_i32x4_s convert_i32x4_u @20105 relaxed_madd relaxed_nmadd`,
  f64x2: `@20014 splat @20021 extract_lane replace_lane @20047 ${floatCompare} @2005f promote_low_f32x4 @20074 ceil floor @2007a trunc @20094 nearest @200ec abs neg @200ef ${vectorFloat} @200fe convert_low_i32x4_s convert_low_i32x4_u @20107 relaxed_madd relaxed_nmadd`,
} as const;

export type Tables = typeof tables;
export type Namespace = keyof Tables;

type Words<S extends string, Seen = never> = S extends `${infer A} ${infer B}` ? Words<B, Seen | A> : Seen | S;
export type Ops<N extends Namespace> = Exclude<Words<Tables[N]>, `@${string}`>;

/** How an op is called: its immediates are the arguments, its operands are on the stack. `F` is returned for chaining. */
export type Emit<Name extends string, F> = Name extends `${string}extract_lane${string}` | "replace_lane"
  ? (lane: number) => F
  : Name extends `${"load" | "store"}${number}_lane`
    ? (lane: number, offset?: number) => F
    : Name extends `load${string}` | `store${string}`
      ? (offset?: number, alignLog2?: number) => F
      : () => F;

export type Emitters<N extends Namespace, F> = { readonly [K in Ops<N>]: Emit<K, F> };

/** log₂ of the bytes an access touches, from its name: load32_u 2, load16x4_s 3, plain load: the type's own size. */
export function naturalAlign(namespace: string, name: string): number {
  const sized = /(\d+)(x\d)?/.exec(name);
  if (sized) return sized[2] ? 3 : Math.log2(Number(sized[1])) - 3;
  return namespace === "v128" ? 4 : namespace.endsWith("64") ? 3 : 2;
}

/** Calls `visit(name, opcode)` for every word of a table. */
export function eachOp(table: string, visit: (name: string, opcode: number) => void): void {
  let opcode = 0;
  for (const word of table.split(" ")) {
    if (word.startsWith("@")) opcode = Number.parseInt(word.slice(1), 16);
    else visit(word, opcode++);
  }
}
