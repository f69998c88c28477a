/** The colours of the page as #rrggbb, for drawings that are not styled by CSS. */
export interface Ink {
  readonly paper: string;
  readonly raised: string;
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  readonly accent: string;
}

/** The colours in force at a canvas (the accent depends on the chapter). Not for every frame: it asks for computed styles. */
export const inkOf = (context: CanvasRenderingContext2D): Ink => {
  const style = getComputedStyle(context.canvas);
  const get = (name: string): string => {
    context.fillStyle = style.getPropertyValue(name).trim();
    return String(context.fillStyle); // a context spells every opaque colour as #rrggbb
  };
  return {
    paper: get("--paper"),
    raised: get("--raised"),
    ink: get("--ink"),
    muted: get("--muted"),
    rule: get("--rule"),
    accent: get("--accent"),
  };
};

/** sRGB from OKLCH (lightness 0–1, chroma, hue in turns): equal steps look equal, in every hue equally light. */
export const oklch = (L: number, C: number, turns: number): [r: number, g: number, b: number] => {
  const a = C * Math.cos(2 * Math.PI * turns);
  const b = C * Math.sin(2 * Math.PI * turns);
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const [r = 0, g = 0, blue = 0] = linear.map((v) => {
    const c = Math.min(1, Math.max(0, v));
    return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
  });
  return [r, g, blue];
};

/**
 * A cyclic colour map: hue goes once around and lightness swings with it, so that opposite angles stay apart for readers
 * who do not tell red from green.
 */
export const cyclic = (turns: number, dark: boolean): string => {
  const L = (dark ? 0.74 : 0.56) + 0.13 * Math.cos(2 * Math.PI * (turns - 0.15));
  return `rgb(${oklch(L, 0.13, turns).join(" ")})`;
};
