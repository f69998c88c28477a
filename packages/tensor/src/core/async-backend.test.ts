import { scheduled } from "@ansatz/backend";
import { mockDevice } from "@ansatz/backend/conformance";
import { referenceBackend } from "@ansatz/backend/reference";
import { expect, test, vi } from "vitest";
import {
  add,
  jit,
  less,
  mul,
  ready,
  sum,
  type Tensor,
  tensor,
  useBackend,
  vmap,
  whileLoop,
  withBackend,
  zeros,
} from "../index";

// A device whose every read is asynchronous, as a GPU's may be.
const device = (residentBytes = Number.POSITIVE_INFINITY) => {
  const backend = scheduled(mockDevice(), referenceBackend());
  return Object.assign(Object.create(backend) as typeof backend, { can: { ...backend.can, residentBytes } });
};

test("programs run, loops included, and are read with data()", async () => {
  useBackend(device());
  const f = jit((x: Tensor) =>
    whileLoop(
      (c) => less(sum(c), 100),
      (c) => mul(c, 2),
      x,
    ),
  );
  expect(Array.from(await f([1, 2]).data())).toEqual([64, 128]);
  expect(Array.from(await vmap((x: Tensor) => add(x, 1))([1, 2]).data())).toEqual([2, 3]);
  expect(Array.from(await (await ready({ y: add(tensor([1]), 1) })).y.data())).toEqual([2]);
});

test("a synchronous read is an error that says what to do", () =>
  withBackend(device(), () => {
    expect(() => add(tensor([1]), 1).dataSync()).toThrow(/cannot read synchronously; use `await x\.data\(\)`/);
    expect(() => add(tensor([1]), 1).item()).toThrow(/await x\.data\(\)/);
    expect(tensor([5]).item()).toBe(5); // still on the host
  }));

test("spilling waits for its copies, warns once, and loses nothing", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const backend = device(20_000);
  useBackend(backend);
  const kept: Tensor[] = [];
  for (let i = 0; i < 40; i++) {
    kept.push(add(zeros([100]), i)); // 800 bytes each
    await null;
  }
  const extra = add(kept[0], kept[1]); // used again while its copy is under way, or after
  kept[2].dispose();
  await new Promise((done) => setTimeout(done, 20));
  for (const i of [0, 1, 3, 20, 39]) expect((await kept[i].data())[7]).toBe(i);
  expect((await extra.data())[0]).toBe(1);
  await expect(kept[2].data()).rejects.toThrow(/disposed/);
  expect(backend.live().bytes).toBeLessThan(30_000);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0][0]).toMatch(/scope\(\), use donation/);
  warn.mockRestore();
});
