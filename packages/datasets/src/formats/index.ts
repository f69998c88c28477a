export { type CsvColumn, type CsvOptions, type CsvType, type CsvTypes, formatCsv, parseCsv } from "./csv";
export { gunzip } from "./deflate";
export { FormatError } from "./format-error";
export { decodeIdx, encodeIdx } from "./idx";
export { type NdArray, ndArray, type StorageArrays, type StorageType } from "./nd-array";
export { decodeNpy, encodeNpy } from "./npy";
export { decodeNpz, encodeNpz } from "./npz";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./safetensors";
