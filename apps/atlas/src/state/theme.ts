import { computed, effect, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";
const themes: readonly Theme[] = ["auto", "light", "dark"];
const memory = "atlas.theme";

/** Reads what the browser remembers; private windows may refuse. */
export const recall = (name: string): string | null => {
  try {
    return window.localStorage.getItem(name);
  } catch {
    return null;
  }
};
export const remember = (name: string, text: string): void => {
  try {
    window.localStorage.setItem(name, text);
  } catch {
    // Nothing is lost but the memory of it.
  }
};

/** The reader's wish. */
export const theme = signal<Theme>(themes.find((t) => t === recall(memory)) ?? "auto");

const query = window.matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(query.matches);
query.addEventListener("change", () => (systemDark.value = query.matches));

/** What is shown. */
export const dark = computed(() => (theme.value === "auto" ? systemDark.value : theme.value === "dark"));

effect(() => {
  document.documentElement.dataset.theme = dark.value ? "dark" : "light";
});

/** Changes between light and dark, and remembers it; back to what the system asks for when they agree. */
export const toggleTheme = (): void => {
  const wanted: Theme = dark.value ? "light" : "dark";
  theme.value = (wanted === "dark") === systemDark.value ? "auto" : wanted;
  remember(memory, theme.value);
};

const motion = window.matchMedia("(prefers-reduced-motion: reduce)");
/** The reader asks for less motion: nothing moves unless started. */
export const calm = signal(motion.matches);
motion.addEventListener("change", () => (calm.value = motion.matches));
