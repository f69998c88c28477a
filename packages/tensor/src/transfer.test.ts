import { expect, test } from "vitest";
import { add, fromTransfer, key, tensor, toTransfer } from "./index";

test("a tree crosses threads with its structure, dtypes and weakness", async () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  const tree = { w: add(x, 1), b: [tensor(new Float32Array([1, 2])), null, 3] as const, name: "net", k: key(7) };
  const { message, transfer } = await toTransfer(tree);
  const back = fromTransfer(structuredClone(message, { transfer }));
  expect(transfer.every((b) => b.byteLength === 0)).toBe(true); // moved, not copied
  expect(back.w.toArray()).toEqual([
    [2, 3],
    [4, 5],
  ]);
  expect(tree.w.toArray()).toEqual([
    [2, 3],
    [4, 5],
  ]);
  expect([back.b[0].dtype, back.b[0].weak, back.b[1], back.name, back.k.dtype]).toEqual([
    "float32",
    false,
    null,
    "net",
    "key",
  ]);
  expect(back.b[2].item()).toBe(3);
  await expect(toTransfer({ f: Math.sin })).rejects.toThrow(/function cannot be sent.*at: f/);
});
