import katex from "katex";
import { useMemo } from "preact/hooks";

/** A formula in TeX; `block` sets it on a line of its own. MathML comes with it for readers that speak. */
export function Formula({ tex, block = false }: { tex: string; block?: boolean }) {
  const html = useMemo(
    () => katex.renderToString(tex, { displayMode: block, throwOnError: false, output: "htmlAndMathml" }),
    [tex, block],
  );
  const Tag = block ? "div" : "span";
  // KaTeX escapes what it is given
  return <Tag class={block ? "formula block" : "formula"} dangerouslySetInnerHTML={{ __html: html }} />;
}
