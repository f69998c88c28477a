import { Component, type ComponentChildren } from "preact";

interface Props {
  /** What could not be shown, for the heading. */
  readonly what: string;
  readonly children: ComponentChildren;
}

/** Shows an error where the thing should have been, and offers to try again. */
export class ErrorBoundary extends Component<Props, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined };

  static override getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render({ what, children }: Props) {
    const { error } = this.state;
    if (!error) return children;
    return <Failure title={`${what} failed`} error={error} retry={() => this.setState({ error: undefined })} />;
  }
}

/** An error, said plainly: its message, where it came from, and a way to try again. */
export function Failure({ title, error, retry }: { title: string; error: Error; retry(): void }) {
  return (
    <section class="failure" role="alert">
      <h2>{title}</h2>
      <p class="failure-message">{error.message || error.name}</p>
      {error.stack && (
        <details>
          <summary>Where</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{error.stack}</pre>
        </details>
      )}
      <button type="button" class="button primary" onClick={retry}>
        Try again
      </button>
    </section>
  );
}
