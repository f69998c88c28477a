import type { ComponentChildren } from "preact";

/** A picture and what it shows. */
export function Figure({
  caption,
  children,
  className = "",
}: {
  caption: ComponentChildren;
  children: ComponentChildren;
  className?: string;
}) {
  return (
    <figure class={`figure ${className}`}>
      {children}
      <figcaption>{caption}</figcaption>
    </figure>
  );
}
