import { expect, test } from "vitest";
import { layOut } from "./graph-layout";

const edge = (text: string): { from: string; to: string } => ({ from: text[0] as string, to: text[1] as string });

test("arrows point down, edges over several layers pass each of them, and no two places are the same", () => {
  const edges = ["ac", "bc", "cd", "de", "ae"].map(edge);
  const laid = layOut([..."abcde"], edges);
  expect(laid.rows).toBe(4);
  expect(["a", "b", "c", "d", "e"].map((n) => laid.nodes.get(n)?.row)).toEqual([0, 0, 1, 2, 3]);
  edges.forEach(({ from, to }, k) => {
    const way = laid.ways[k] as { row: number; across: number }[];
    expect(way[0]).toEqual(laid.nodes.get(from));
    expect(way.at(-1)).toEqual(laid.nodes.get(to));
    for (let i = 1; i < way.length; i++) expect(way[i]?.row).toBe((way[i - 1]?.row as number) + 1);
  });
  // a → e passes beside c and d
  expect(laid.ways[4]).toHaveLength(4);
  expect(laid.ways[4]?.[1]).not.toEqual(laid.nodes.get("c"));
  expect(laid.columns).toBe(2);
});

test("crossings that an order avoids are avoided", () => {
  const laid = layOut([..."abxy"], ["ay", "bx"].map(edge));
  const across = (n: string): number => laid.nodes.get(n)?.across as number;
  expect(Math.sign(across("y") - across("x"))).toBe(Math.sign(across("a") - across("b")));
});
