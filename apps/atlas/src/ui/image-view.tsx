import { useCallback } from "preact/hooks";
import { Canvas, type Surface } from "./canvas";
import { bitmap, inkShade, largestOf, signedShade } from "./pixels";

/** A matrix as a picture: grey values from 0 to 1 in ink, or numbers of both signs in two colours. */
export function ImageView({
  values,
  width,
  label,
  summary = "",
  signed = false,
  most,
  title,
}: {
  values: ArrayLike<number>;
  /** Columns. */
  width: number;
  label: string;
  summary?: string;
  signed?: boolean;
  /** The modulus of full colour; that of the largest entry by default. */
  most?: number;
  title?: string;
}) {
  const draw = useCallback(
    ({ context, width: across, height, ink, dark }: Surface): void => {
      const shade = signed ? signedShade(ink, dark, most ?? largestOf(values)) : inkShade(ink);
      const picture = bitmap(values, width, shade);
      context.imageSmoothingEnabled = false;
      if (picture) context.drawImage(picture, 0, 0, across, height);
    },
    [values, width, signed, most],
  );
  return (
    <div class="image-view">
      {title && <p class="image-title">{title}</p>}
      <div class="plate">
        <Canvas label={label} summary={summary} ratio={(width * width) / values.length} draw={draw} />
      </div>
    </div>
  );
}
