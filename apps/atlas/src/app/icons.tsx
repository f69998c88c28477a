import type { ComponentChildren } from "preact";

const icon = (children: ComponentChildren) => (
  <svg class="icon" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
    {children}
  </svg>
);

export const SunIcon = () =>
  icon(
    <g fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round">
      <circle cx="10" cy="10" r="3.4" />
      <path d="M10 2v1.8M10 16.2V18M2 10h1.8M16.2 10H18M4.3 4.3l1.3 1.3M14.4 14.4l1.3 1.3M4.3 15.7l1.3-1.3M14.4 5.6l1.3-1.3" />
    </g>,
  );
export const MoonIcon = () =>
  icon(
    <path
      d="M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5Z"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linejoin="round"
    />,
  );
export const MenuIcon = () =>
  icon(<path d="M3 6h14M3 10h14M3 14h14" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" />);
export const PlayIcon = () => icon(<path d="M6 4.2v11.6L15.5 10Z" fill="currentColor" />);
export const PauseIcon = () => icon(<path d="M5.5 4.5h3v11h-3zM11.5 4.5h3v11h-3z" fill="currentColor" />);
export const StepIcon = () => icon(<path d="M4.5 4.2v11.6L12.5 10ZM13.5 4.5h2.2v11h-2.2z" fill="currentColor" />);
export const ResetIcon = () =>
  icon(
    <path
      d="M4.5 10a5.5 5.5 0 1 0 1.9-4.2M6.6 2.6v3.6h3.6"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
    />,
  );
export const DiceIcon = () =>
  icon(
    <g>
      <rect x="3" y="3" width="14" height="14" rx="3" fill="none" stroke="currentColor" stroke-width="1.5" />
      <g fill="currentColor">
        <circle cx="6.8" cy="6.8" r="1.25" />
        <circle cx="13.2" cy="13.2" r="1.25" />
        <circle cx="10" cy="10" r="1.25" />
        <circle cx="13.2" cy="6.8" r="1.25" />
        <circle cx="6.8" cy="13.2" r="1.25" />
      </g>
    </g>,
  );
