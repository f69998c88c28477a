import { signal } from "@preact/signals";

/** Where the reader is: a path and the query string without its question mark. */
export interface Place {
  readonly path: string;
  readonly query: string;
}

const read = (): Place => ({
  path: window.location.pathname.replace(/(?<=.)\/+$/, ""),
  query: window.location.search.slice(1),
});

/** The current place. Controls read it; the address bar follows it. */
export const place = signal<Place>(read());

// The address bar is written a moment after the signal: a dragged slider changes sixty times a second, and browsers refuse
// that many history entries. Edits of one control within a second share an entry, so "back" undoes one gesture.
const settleMs = 150;
const gestureMs = 1000;
let pending: { timer: ReturnType<typeof setTimeout>; push: boolean } | undefined;
let last = { name: "", time: Number.NEGATIVE_INFINITY };

const href = ({ path, query }: Place): string => (query === "" ? path : `${path}?${query}`);

const flush = (): void => {
  if (!pending) return;
  clearTimeout(pending.timer);
  const { push } = pending;
  pending = undefined;
  if (push) window.history.pushState(null, "", href(place.value));
  else window.history.replaceState(null, "", href(place.value));
};

/** Goes to an address of this site. */
export const navigate = (to: string): void => {
  flush();
  window.history.pushState(null, "", to);
  place.value = read();
  window.scrollTo(0, 0);
};

/** Writes entries of the query string; undefined takes one away. */
export const setQuery = (entries: Readonly<Record<string, string | undefined>>): void => {
  const query = new URLSearchParams(place.value.query);
  for (const [name, text] of Object.entries(entries)) {
    if (text === undefined) query.delete(name);
    else query.set(name, text);
  }
  const text = query.toString().replaceAll("%2C", ",");
  if (text === place.value.query) return;
  const name = Object.keys(entries).join();
  const now = performance.now();
  const sameGesture = last.name === name && now - last.time < gestureMs;
  if (!sameGesture) flush();
  last = { name, time: now };
  const push = pending?.push ?? !sameGesture;
  if (pending) clearTimeout(pending.timer);
  place.value = { ...place.value, query: text };
  pending = { push, timer: setTimeout(flush, settleMs) };
};

/** The address of what is seen now, to be shared. */
export const shareAddress = (): string => new URL(href(place.value), window.location.href).href;

const onPopState = (): void => {
  if (pending) clearTimeout(pending.timer);
  pending = undefined;
  last = { name: "", time: Number.NEGATIVE_INFINITY };
  place.value = read();
};

const onClick = (event: MouseEvent): void => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  const link = (event.target as Element | null)?.closest?.("a[href]") as HTMLAnchorElement | null;
  if (!link || link.target || link.hasAttribute("download") || link.origin !== window.location.origin) return;
  if (link.hash && link.pathname === window.location.pathname) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
};

/** Starts to follow the back button and links. */
export const followHistory = (): void => {
  window.addEventListener("popstate", onPopState);
  window.addEventListener("pagehide", flush);
  document.addEventListener("click", onClick);
};
