/** Ready-made states of some controls, as a row of buttons; the one that is in force is marked. */
export function Presets<T>({
  label,
  options,
  current,
  choose,
}: {
  label: string;
  options: readonly { readonly name: string; readonly value: T }[];
  current(value: T): boolean;
  choose(value: T): void;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: buttons that belong together, not a form
    <div class="presets" role="group" aria-label={label}>
      {options.map(({ name, value }) => (
        <button
          key={name}
          type="button"
          class="button quiet"
          aria-pressed={current(value)}
          onClick={() => choose(value)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
