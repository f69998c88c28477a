import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { setShortcuts, shortcuts, shortcutsOn } from "../state/shortcuts";

const names: Record<string, string> = { " ": "space", ArrowLeft: "←", ArrowRight: "→" };

/** The list of keys that work now. */
export function Help({ open }: { open: Signal<boolean> }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = open.value;
  useEffect(() => {
    if (shown && !dialog.current?.open) dialog.current?.showModal();
    if (!shown && dialog.current?.open) dialog.current.close();
  }, [shown]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-title"
      onClose={() => (open.value = false)}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="help-body">
        <h2 id="help-title">Keys</h2>
        <dl>
          {shortcuts.value.map(({ key, label }) => (
            <div key={key}>
              <dt>
                <kbd>{names[key] ?? key}</kbd>
              </dt>
              <dd>{label}</dd>
            </div>
          ))}
        </dl>
        <label class="switch">
          <input
            type="checkbox"
            checked={shortcutsOn.value}
            onChange={(event) => setShortcuts(event.currentTarget.checked)}
          />
          Single-key shortcuts
        </label>
        <p class="small">Sliders, lists and draggable points move with the arrow keys once they have the focus.</p>
        <form method="dialog">
          <button type="submit" class="button">
            Close
          </button>
        </form>
      </div>
    </dialog>
  );
}
