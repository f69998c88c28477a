/** A drawing of an acyclic graph in layers: every arrow points down. */
export interface Laid {
  /** Layers, and places in the widest of them. */
  readonly rows: number;
  readonly columns: number;
  /** Of each node: its row from 0, and its place across in columns, centred on 0. */
  readonly nodes: ReadonlyMap<string, { readonly row: number; readonly across: number }>;
  /** Of each edge, in the order given: the places it passes, from its start to its end. */
  readonly ways: readonly (readonly { readonly row: number; readonly across: number }[])[];
}

/**
 * Sugiyama's layers: a node stands below its parents by the longest way from an input, an edge over several layers passes a place in each, and a few
 * sweeps order each layer by the mean place of its neighbours.
 */
export const layOut = (
  names: readonly string[],
  edges: readonly { readonly from: string; readonly to: string }[],
): Laid => {
  const row = new Map<string, number>();
  // Parents stand before their children in the list
  for (const name of names)
    row.set(
      name,
      edges.reduce((deepest, e) => (e.to === name ? Math.max(deepest, (row.get(e.from) ?? 0) + 1) : deepest), 0),
    );
  const rows = Math.max(0, ...row.values()) + 1;
  const layers: string[][] = Array.from({ length: rows }, () => []);
  for (const name of names) layers[row.get(name) as number]?.push(name);
  const links: [string, string][] = [];
  const chains = edges.map(({ from, to }, k) => {
    const chain = [from];
    for (let r = (row.get(from) as number) + 1; r < (row.get(to) as number); r++) {
      const stop = `${k} passes ${r}`;
      row.set(stop, r);
      layers[r]?.push(stop);
      chain.push(stop);
    }
    chain.push(to);
    for (let i = 1; i < chain.length; i++) links.push([chain[i - 1] as string, chain[i] as string]);
    return chain;
  });

  const place = new Map<string, number>();
  const settle = (): void => {
    for (const layer of layers) layer.forEach((name, i) => place.set(name, i - (layer.length - 1) / 2));
  };
  settle();
  for (let sweep = 0; sweep < 8; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      const pull = new Map(
        layer.map((name) => {
          const near = links.flatMap(([a, b]) => (down ? (b === name ? [a] : []) : a === name ? [b] : []));
          const mean = near.reduce((sum, n) => sum + (place.get(n) as number), 0) / near.length;
          return [name, near.length > 0 ? mean : (place.get(name) as number)];
        }),
      );
      layer.sort((a, b) => (pull.get(a) as number) - (pull.get(b) as number));
      layer.forEach((name, i) => place.set(name, i - (layer.length - 1) / 2));
    }
  }
  const where = (name: string): { row: number; across: number } => ({
    row: row.get(name) as number,
    across: place.get(name) as number,
  });
  return {
    rows,
    columns: Math.max(...layers.map((layer) => layer.length)),
    nodes: new Map(names.map((name) => [name, where(name)])),
    ways: chains.map((chain) => chain.map(where)),
  };
};
