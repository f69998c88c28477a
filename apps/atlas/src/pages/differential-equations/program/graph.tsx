import { useMemo } from "preact/hooks";
import { layOut } from "../../../ui/graph-layout";
import { shortNumber } from "./program-table";
import type { Swept } from "./protocol";
import type { Stage } from "./stage";

const layer = 84;
const column = 118;
const radius = 19;

/** The computation as the text draws it: values flow down the edges, adjoints up; each edge carries its partial. */
export function Graph({ sweep, stage }: { sweep: Swept; stage: Stage }) {
  const { lines, edges } = sweep;
  const shape = edges.map(({ from, to }) => `${from}>${to}`).join();
  // The drawing depends on the program, not on its numbers
  const laid = useMemo(
    () =>
      layOut(
        lines.map(({ name }) => name),
        edges,
      ),
    [shape, lines.length],
  );
  const width = Math.max(260, laid.columns * column + 30);
  const height = (laid.rows - 1) * layer + 2 * radius + 24;
  const x = (across: number): number => width / 2 + across * column;
  const y = (row: number): number => radius + 12 + row * layer;
  const active = lines[stage.active]?.name;
  const labels = edges.length <= 16;

  const path = (way: readonly { row: number; across: number }[]): string =>
    way
      .map(({ row, across }, i) => {
        const [px, py] = [x(across), y(row)];
        if (i === 0) return `M${px} ${py + radius}`;
        const before = way[i - 1] as { row: number; across: number };
        const [qx, qy] = [x(before.across), y(before.row) + (i === 1 ? radius : 0)];
        const end = py - (i === way.length - 1 ? radius + 7 : 0);
        const mid = (qy + end) / 2;
        return `C${qx} ${mid} ${px} ${mid} ${px} ${end}`;
      })
      .join("");

  return (
    <svg
      class="sweep-graph"
      viewBox={`0 0 ${width} ${height}`}
      style={{ maxWidth: `${width}px` }}
      role="img"
      aria-label={`Computation graph: ${edges.map(({ from, to }) => `${from} to ${to}`).join(", ") || "no edges"}`}
    >
      <defs>
        {["idle", "live"].map((kind) => (
          <marker
            key={kind}
            id={`tip-${kind}`}
            viewBox="0 0 10 10"
            refX="2"
            refY="5"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M0 0.8L9 5L0 9.2Z" class={`tip-${kind}`} />
          </marker>
        ))}
      </defs>
      {edges.map(({ from, to }, k) => {
        const live = stage.up ? from === active : to === active;
        return (
          <path
            key={`${from}${to}`}
            class={live ? "edge live" : "edge"}
            d={path(laid.ways[k] as never)}
            marker-end={live && stage.up ? undefined : `url(#tip-${live ? "live" : "idle"})`}
            marker-start={live && stage.up ? "url(#tip-live)" : undefined}
          />
        );
      })}
      {labels &&
        edges.map(({ from, to, partial }, k) => {
          const way = laid.ways[k] as readonly { row: number; across: number }[];
          const i = Math.floor((way.length - 1) / 2);
          const [a, b] = [way[i], way[i + 1]] as [{ row: number; across: number }, { row: number; across: number }];
          const live = stage.up ? from === active : to === active;
          return (
            <text
              key={`${from}${to} partial`}
              class={live ? "partial live" : "partial"}
              x={(x(a.across) + x(b.across)) / 2}
              y={(y(a.row) + y(b.row)) / 2}
            >
              {shortNumber(partial, 3)}
            </text>
          );
        })}
      {lines.map(({ name, op }, k) => {
        const at = laid.nodes.get(name) as { row: number; across: number };
        const known = k < stage.forward;
        return (
          <g
            key={name}
            class={`node${name === active ? " live" : known ? " known" : ""}`}
            transform={`translate(${x(at.across)} ${y(at.row)})`}
          >
            <circle r={radius} />
            <text class="node-name">{name}</text>
            <text class="node-text" x={radius + 6} text-anchor="start">
              {op}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
