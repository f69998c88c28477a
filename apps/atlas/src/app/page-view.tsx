import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { place, shareAddress } from "../state/router";
import { Failure } from "./error-boundary";
import { type Page, pages } from "./registry";

/** One page: its heading, its component once loaded, and the way to its neighbours. */
export function PageView({ page }: { page: Page }) {
  const component = useSignal<{ Body: ComponentType } | undefined>(undefined);
  const error = useSignal<Error | undefined>(undefined);
  useEffect(() => {
    let here = true;
    page.load().then(
      (Body) => here && (component.value = { Body }),
      (reason: unknown) => here && (error.value = reason instanceof Error ? reason : new Error(String(reason))),
    );
    return () => {
      here = false;
    };
  }, [page, component, error]);

  const { chapter, meta } = page;
  const at = pages.indexOf(page);
  const before = pages[at - 1];
  const after = pages[at + 1];
  const Body = component.value?.Body;
  return (
    <article class="page">
      <header class="page-head">
        <p class="overline">
          Chapter {chapter.number} · {chapter.title}
        </p>
        <h1>{meta.title}</h1>
        <p class="lead">{meta.summary}</p>
      </header>
      {error.value ? (
        // A module that failed to load is remembered as failed by the browser: only a fresh document asks again.
        <Failure title="The page could not be loaded" error={error.value} retry={() => window.location.reload()} />
      ) : Body ? (
        <Body />
      ) : (
        <p class="loading" role="status">
          Loading the experiment…
        </p>
      )}
      <footer class="page-foot">
        <Share />
        <p class="small">
          Realises <span class="mono">{meta.spec.join(", ")}</span>
        </p>
        <nav aria-label="Neighbouring pages" class="neighbours">
          {before ? <a href={before.path}>← {before.meta.title}</a> : <a href="/">← Contents</a>}
          {after && <a href={after.path}>{after.meta.title} →</a>}
        </nav>
      </footer>
    </article>
  );
}

function Share() {
  const said = useSignal("");
  // A link copied before a change is no longer this one
  useEffect(() => {
    said.value = "";
  }, [place.value.query]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(shareAddress());
      said.value = "Copied.";
    } catch {
      said.value = "The browser did not allow it: copy the address bar.";
    }
  };
  return (
    <p class="share">
      <button type="button" class="button quiet" onClick={copy}>
        Copy a link to this state
      </button>
      <span role="status" class="small">
        {said.value}
      </span>
    </p>
  );
}
