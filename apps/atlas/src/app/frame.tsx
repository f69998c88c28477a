import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { navigate, place } from "../state/router";
import { useShortcuts } from "../state/shortcuts";
import { dark, toggleTheme } from "../state/theme";
import { chapters } from "./chapters";
import { ErrorBoundary } from "./error-boundary";
import { Help } from "./help";
import { Home } from "./home";
import { MenuIcon, MoonIcon, SunIcon } from "./icons";
import { PageView } from "./page-view";
import { type Page, pages } from "./registry";

const step = (from: Page | undefined, by: 1 | -1): void => {
  const at = from ? pages.indexOf(from) : by === 1 ? -1 : pages.length;
  const next = pages[at + by];
  if (next) navigate(next.path);
  else if (from && by === -1) navigate("/");
};

/** The atlas around its pages: contents, theme, help, and the keys that work everywhere. */
export function Frame() {
  const { path } = place.value;
  const page = pages.find((p) => p.path === path);
  const menu = useSignal(false);
  const help = useSignal(false);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  // Runs when the path changes
  useEffect(() => {
    menu.value = false;
    document.title = page ? `${page.meta.title} · Ansatz` : "Ansatz: the atlas";
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [path]);

  useShortcuts([
    { key: "?", label: "Show this list", run: () => (help.value = !help.value) },
    { key: "t", label: "Change between light and dark", run: toggleTheme },
    { key: "ArrowLeft", label: "Previous page", run: () => step(page, -1) },
    { key: "ArrowRight", label: "Next page", run: () => step(page, 1) },
  ]);

  return (
    <div class="frame" data-chapter={page?.chapter.slug}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href="/">
          <span class="brand-name">Ansatz</span>
          <span class="brand-sub">the atlas</span>
        </a>
        <div class="bar-tools">
          <button
            type="button"
            class="icon-button"
            aria-label={dark.value ? "Use the light theme" : "Use the dark theme"}
            title="Light or dark (t)"
            onClick={toggleTheme}
          >
            {dark.value ? <SunIcon /> : <MoonIcon />}
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            onClick={() => (help.value = true)}
          >
            ?
          </button>
          <button
            type="button"
            class="icon-button menu-button"
            aria-label="Chapters"
            aria-expanded={menu.value}
            aria-controls="contents"
            onClick={() => (menu.value = !menu.value)}
          >
            <MenuIcon />
          </button>
        </div>
      </header>
      <Contents open={menu.value} current={page} />
      <main id="main" tabIndex={-1} ref={main}>
        <ErrorBoundary what={page ? page.meta.title : "This page"} key={path}>
          {page ? <PageView page={page} /> : path === "/" ? <Home /> : <Lost path={path} />}
        </ErrorBoundary>
      </main>
      <Help open={help} />
    </div>
  );
}

function Contents({ open, current }: { open: boolean; current: Page | undefined }) {
  return (
    <nav id="contents" class="contents" data-open={open} aria-label="Chapters">
      <ol>
        {chapters.map((chapter) => {
          const mine = pages.filter((p) => p.chapter === chapter);
          return (
            <li
              key={chapter.slug}
              data-chapter={chapter.slug}
              class={mine.length === 0 ? "contents-item empty" : "contents-item"}
            >
              <span class="contents-chapter">
                <span class="contents-number">{chapter.number}</span>
                {chapter.title}
              </span>
              {mine.length > 0 && (
                <ul>
                  {mine.map((page) => (
                    <li key={page.path}>
                      <a href={page.path} aria-current={page === current ? "page" : undefined}>
                        {page.meta.title}
                      </a>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function Lost({ path }: { path: string }) {
  return (
    <article class="lost">
      <h1>No such page</h1>
      <p>
        The atlas has nothing at <code>{path}</code>. <a href="/">Go to the contents.</a>
      </p>
    </article>
  );
}
