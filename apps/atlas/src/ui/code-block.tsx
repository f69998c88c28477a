import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { highlight } from "./highlight";

/** Source code as it runs, highlighted, to be copied. */
export function CodeBlock({ source, name }: { source: string; name: string }) {
  const said = useSignal("");
  const tokens = useMemo(() => highlight(source.trimEnd()), [source]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(source);
      said.value = "Copied.";
    } catch {
      said.value = "The browser did not allow it.";
    }
  };
  return (
    <figure class="code">
      <figcaption>
        <span class="mono">{name}</span>
        <span class="code-tools">
          <span role="status" class="small">
            {said.value}
          </span>
          <button type="button" class="button quiet" onClick={copy} aria-label={`Copy ${name}`}>
            Copy
          </button>
        </span>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="code-scroll" tabIndex={0} aria-label={`Source of ${name}`}>
        <pre>
          <code>
            {tokens.map(({ kind, text }, i) =>
              kind === "plain" ? (
                text
              ) : (
                <span key={i} class={`tok-${kind}`}>
                  {text}
                </span>
              ),
            )}
          </code>
        </pre>
      </section>
    </figure>
  );
}

/** The modules a page runs, the first one open. */
export function Sources({ files }: { files: readonly { name: string; source: string }[] }) {
  return (
    <section class="sources" aria-labelledby="sources-title">
      <h2 id="sources-title">The code this page runs</h2>
      {files.map(({ name, source }, i) => (
        <details key={name} open={i === 0}>
          <summary>
            <span class="mono">{name}</span>
            <span class="small">{source.trimEnd().split("\n").length} lines</span>
          </summary>
          <CodeBlock name={name} source={source} />
        </details>
      ))}
    </section>
  );
}
