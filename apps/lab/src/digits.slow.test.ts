import { existsSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors } from "@ansatz/datasets";
import { decode } from "fast-png";
import { expect, test } from "vitest";
import { commandLine } from "./testing/command";

const { cwd, bytes, lab, ran } = commandLine(new URL("./cli.ts", import.meta.url), { bundled: false });

const small = "--size 14 --components 24 --hidden 32 --layers 1 --batch 64 --steps 400 --checkpoint-every 40".split(
  " ",
);

test("a model of digits, killed and resumed, ends in the same bytes as one trained in one go", async () => {
  expect((await ran("train", "digits", ...small, "--out", "whole")).code).toBe(0);
  const run = lab("train", "digits", ...small, "--out", "cut", "--json");
  await run.shows('"checkpoint","step":120');
  run.child.kill("SIGKILL");
  await run.ended;
  expect(Number(decodeSafetensors(bytes("cut/last.safetensors")).metadata.step)).toBeLessThan(400);
  const interrupted = lab("train", "digits", "--out", "cut", "--resume", "--json");
  await interrupted.shows('"checkpoint","step":240');
  interrupted.child.kill("SIGINT");
  expect((await interrupted.ended).code).toBe(130);
  expect((await ran("train", "digits", "--out", "cut", "--resume")).code).toBe(0);
  for (const name of ["last.safetensors", "best.safetensors"])
    expect(bytes(`cut/${name}`).equals(bytes(`whole/${name}`)), name).toBe(true);
  const history: { heldOut?: number }[] = JSON.parse(bytes("whole/metrics.json").toString()).history;
  const heldOut = history.flatMap((row) => row.heldOut ?? []);
  expect(heldOut.length).toBe(10);
  // Training starts at the Gaussian of the data's variances, whose error is the mean of πs/2 over the coordinates, 1.676 here.
  expect(heldOut[0]).toBeLessThan(1.7);
  expect(heldOut[9]).toBeLessThan(1.55);

  const sampled = await ran("sample", "whole", "--count", "3", "--scale", "1", "--steps", "10", "--solver", "euler");
  expect(sampled.stdout).toMatch(/^30 images \(step \d+, euler, 10 steps\)/);
  const png = decode(bytes("whole/samples.png"));
  expect([png.width, png.height]).toEqual([3 * 15 + 1, 10 * 15 + 1]);
  // Ink and paper, and neither alone.
  const dark = png.data.filter((v) => v < 128).length / png.data.length;
  expect(dark).toBeGreaterThan(0.03);
  expect(dark).toBeLessThan(0.4);

  const other = await ran("train", "digits", "--out", "whole", "--resume", "--components", "30");
  expect(other).toMatchObject({ code: 2, stderr: expect.stringMatching(/--components is 24 there, not 30/) });
  const facts = JSON.parse((await ran("info", "whole", "--last", "--json")).stdout);
  expect(facts).toMatchObject({ step: 400, epoch: 3, arrays: { "frame.basis": "float32 [24, 196]" } });
  expect(existsSync(join(cwd(), "runs"))).toBe(false);
});

test("on TensorFlow.js it says what it found, ends in the same bytes when resumed, and does not change backends", async () => {
  const few = "--size 14 --components 24 --hidden 32 --layers 1 --batch 32 --steps 30 --checkpoint-every 10".split(" ");
  const whole = await ran("train", "digits", ...few, "--out", "tf", "--backend", "tfjs");
  expect(whole.code, whole.stderr).toBe(0);
  expect(whole.stdout).toMatch(
    /^backend tfjs: (wasm|cpu|tensorflow on the CPU|tensorflow on CUDA)\n@tensorflow\/tfjs-node-gpu: .+\n/,
  );
  expect(whole.stdout).toMatch(/\n@tensorflow\/\S+: runs \(/);
  expect(JSON.parse(bytes("tf/metrics.json").toString()).backend).toMatchObject({ name: "tfjs" });

  const run = lab("train", "digits", ...few, "--out", "cut", "--backend", "tfjs", "--json");
  await run.shows('"checkpoint","step":10');
  run.child.kill("SIGKILL");
  await run.ended;
  const other = await ran("train", "digits", "--out", "cut", "--resume", "--backend", "wasm");
  expect(other.code).toBe(2);
  expect(other.stderr).toMatch(/was computed by tfjs \(.+\) and would go on by wasm/);
  // Its own backend is found in the checkpoint.
  expect((await ran("train", "digits", "--out", "cut", "--resume")).code).toBe(0);
  expect(bytes("cut/last.safetensors").equals(bytes("tf/last.safetensors"))).toBe(true);

  // The numbers are those of wasm, to float32.
  expect((await ran("train", "digits", ...few, "--out", "wasm")).code).toBe(0);
  const on = (folder: string) => JSON.parse(bytes(`${folder}/metrics.json`).toString()).history.at(-1);
  expect(Math.abs(on("tf").heldOut / on("wasm").heldOut - 1)).toBeLessThan(1e-4);
});
