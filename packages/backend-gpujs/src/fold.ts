import { BackendError } from "@ansatz/backend";

/**
 * Where a flat tensor lies in a texture: four elements a texel, texels row by row, the width a power of two so that index
 * arithmetic is a mask and a shift.
 */
export interface Fold {
  readonly size: number;
  readonly width: number;
  readonly height: number;
  /** log₂ of the width. */
  readonly shift: number;
}

export const texelsOf = (size: number): number => Math.max(1, Math.ceil(size / 4));

export const foldOf = (size: number, maxSide: number): Fold => {
  const texels = texelsOf(size);
  // gpu.js keeps a 2-D output as it is only if its height exceeds 1.
  const shift = texels <= 2 ? 0 : Math.ceil(Math.log2(Math.sqrt(texels)));
  const width = 2 ** shift;
  const height = Math.ceil(texels / width);
  if (width > maxSide || height > maxSide)
    throw new BackendError(
      "gpujs",
      `a tensor of ${size} elements does not fit one texture`,
      { elements: size, limit: 4 * maxSide * maxSide },
      "split it, or use the wasm backend",
      "memory",
    );
  return { size, width, height, shift };
};
