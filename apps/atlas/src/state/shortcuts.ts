import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { recall, remember } from "./theme";

export interface Shortcut {
  /** As in KeyboardEvent.key; " " is the space bar. */
  readonly key: string;
  readonly label: string;
  /** Arrow keys also belong to sliders and handles, the space bar to buttons: there they keep their meaning. */
  run(): void;
}

const memory = "atlas.shortcuts";
/** Single-key shortcuts can be turned off (some ways of input press keys by accident). */
export const shortcutsOn = signal(recall(memory) !== "off");
export const setShortcuts = (on: boolean): void => {
  shortcutsOn.value = on;
  remember(memory, on ? "on" : "off");
};

/** The shortcuts that work now, for the help. */
export const shortcuts = signal<readonly Shortcut[]>([]);

/** Adds shortcuts while the component is there. */
export const useShortcuts = (list: readonly Shortcut[]): void => {
  const latest = useRef(list);
  latest.current = list;
  const shape = list.map(({ key, label }) => `${key}\t${label}`).join("\n");
  // The list is new at every render, its shape is not
  useEffect(() => {
    const mine = latest.current.map(({ key, label }, i) => ({ key, label, run: () => latest.current[i]?.run() }));
    shortcuts.value = [...shortcuts.peek(), ...mine];
    return () => {
      shortcuts.value = shortcuts.peek().filter((s) => !mine.includes(s));
    };
  }, [shape]);
};

const typing = "input:not([type=range],[type=checkbox],[type=radio]), textarea, select, [contenteditable]";
const arrows = "input, select, textarea, [data-handle], [role=tablist], [role=slider], .code-scroll";
const pressing = "button, a[href], summary, input, select";

const keeps = (target: EventTarget | null, key: string): boolean => {
  if (!(target instanceof Element)) return false;
  if (target.closest("dialog")) return key !== "?";
  if (target.closest(typing)) return true;
  if (key.startsWith("Arrow")) return target.closest(arrows) !== null;
  return key === " " && target.closest(pressing) !== null;
};

export const listenToKeys = (): void => {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (!shortcutsOn.value && event.key !== "?") return;
    if (keeps(event.target, event.key)) return;
    const found = shortcuts.value.findLast(({ key }) => key === event.key);
    if (!found) return;
    event.preventDefault();
    found.run();
  });
};
