import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors } from "@ansatz/datasets";
import { decode } from "fast-png";
import { expect, test } from "vitest";
import { commandLine } from "./testing/command";

const { cwd, bytes, ran } = commandLine(new URL("./testing/lines-cli.ts", import.meta.url));

test("a run writes its last and best states and its metrics, and says so in plain lines", async () => {
  const { code, stdout, stderr } = await ran("train", "lines", "--out", "a", "--steps", "120");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(readdirSync(join(cwd(), "a")).sort()).toEqual(["best.safetensors", "last.safetensors", "metrics.json"]);
  expect(stdout).toMatch(/^loading lines\ntraining lines 5x1 size 8 of 120 steps, 64 examples, batches of 16\n/);
  expect(stdout).toMatch(/\nstep 100 {2}held-out loss \d+\.\d{4} {2}\(best\) {2}saved last.safetensors\n/);
  expect(stdout).toMatch(/done: 120 steps in .*, held-out loss .* saved in a\n$/);
  for (const control of ["\r", "\u001b"]) expect(stdout).not.toContain(control);
  const metrics = JSON.parse(bytes("a/metrics.json").toString());
  expect(metrics).toMatchObject({ step: 120, config: { dataset: "lines", steps: 120, seed: 1 }, version: "0.1.0" });
  expect(metrics.history.filter((row: object) => "heldOut" in row).map((row: { step: number }) => row.step)).toEqual([
    50, 100, 120,
  ]);
  expect(metrics.history.at(-1).loss).toBeLessThan(metrics.history[0].loss);
});

test("what is there is never overwritten unasked", async () => {
  await ran("train", "lines", "--out", "a", "--steps", "60");
  const before = bytes("a/last.safetensors");
  const again = await ran("train", "lines", "--out", "a");
  expect(again).toMatchObject({ code: 3, stdout: "" });
  expect(again.stderr).toMatch(/^lab: a already holds a run .*--resume.*--force/);
  mkdirSync(join(cwd(), "mine"));
  writeFileSync(join(cwd(), "mine/notes.txt"), "precious");
  expect(await ran("train", "lines", "--out", "mine")).toMatchObject({ code: 3 });
  expect((await ran("train", "lines", "--out", "mine", "--force", "--steps", "5")).code).toBe(0);
  expect(bytes("mine/notes.txt").toString()).toBe("precious");
  expect(bytes("a/last.safetensors").equals(before)).toBe(true);
  writeFileSync(join(cwd(), "file"), "x");
  expect(await ran("train", "lines", "--out", "file")).toMatchObject({ code: 3 });
  expect((await ran("train", "lines", "--out", "a", "--force", "--steps", "70")).code).toBe(0);
  expect(bytes("a/last.safetensors").equals(before)).toBe(false);
});

test.each([
  [["train", "lines", "--steps", "-1"], /--steps <n>' argument '-1' is invalid. It must be a whole number from 1/],
  [["train", "lines", "--steps", "10", "--epochs", "2"], /give one of them/],
  [["train", "lines", "--lr", "fast"], /argument 'fast' is invalid/],
  [["train", "lines", "--size", "7"], /--size must be 4 or 8 for lines, not 7/],
  [["train", "lines", "--batch", "65"], /--batch 65 is more than the 64 training examples/],
  [["train", "lines", "--backend", "cuda"], /no backend called cuda; there is wasm, tfjs-node-gpu, tfjs-node, tfjs/],
  [
    // As for a user who has installed none of them: this command is bundled, and stands alone.
    ["train", "lines", "--backend", "tfjs"],
    /tfjs-node-gpu: not installed[\s\S]*tfjs-node: not installed[\s\S]*tfjs: not installed[\s\S]*npm install/,
  ],
  [["train", "lines", "--backend", "tfjs-node-gpu"], /--backend tfjs-node-gpu does not run here:[\s\S]*not installed/],
  [["train", "lines", "--resume", "--force"], /give one of them/],
  [["train", "cats"], /no data set called cats; there is lines/],
  [["train", "toString"], /no data set called toString/],
  [["train"], /missing required argument 'dataset'/],
  [["train", "lines", "--sted", "3"], /unknown option '--sted'[\s\S]*--help/],
  [["tarin"], /unknown command 'tarin'/],
  [["info", "cats"], /no data set called cats/],
])("bad usage is refused with a sentence and exit code 2: lab %s", async (args, sentence) => {
  const { code, stderr } = await ran(...args);
  expect(stderr).toMatch(sentence);
  expect(code).toBe(2);
  expect(existsSync(join(cwd(), "runs"))).toBe(false);
});

test("a resumed run may go on longer, but not as another run", async () => {
  await ran("train", "lines", "--out", "a", "--steps", "60");
  const other = await ran("train", "lines", "--out", "a", "--resume", "--hidden", "9");
  expect(other).toMatchObject({ code: 2 });
  expect(other.stderr).toMatch(/goes on as it began: --hidden is 5 there, not 9/);
  expect(await ran("train", "lines", "--out", "a", "--resume", "--steps", "10")).toMatchObject({ code: 2 });
  const longer = await ran("train", "lines", "--out", "a", "--resume", "--steps", "90", "--hidden", "5");
  expect(longer.code).toBe(0);
  expect(decodeSafetensors(bytes("a/last.safetensors")).metadata.step).toBe("90");
  expect((await ran("train", "lines", "--out", "a", "--resume")).stdout).toMatch(/done: 90 steps/);
});

test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
  "a folder without permission is refused before any work",
  async () => {
    mkdirSync(join(cwd(), "locked"));
    chmodSync(join(cwd(), "locked"), 0o500);
    const { code, stderr } = await ran("train", "lines", "--out", "locked/a");
    expect(stderr).toMatch(/permission denied/);
    expect(code).toBe(5);
  },
);

test("an --out below a file is refused before any work", async () => {
  writeFileSync(join(cwd(), "file"), "x");
  const { code, stdout, stderr } = await ran("train", "lines", "--out", "file/a");
  expect(stderr).toMatch(/file\/a/);
  expect([3, 5]).toContain(code);
  expect(stdout).toBe("");
});

test("lab sample draws a row per class, the same image for the same seed", async () => {
  await ran("train", "lines", "--out", "a", "--steps", "60");
  const { code, stdout } = await ran(
    "sample",
    "a",
    "--classes",
    "0-1,2",
    "--count",
    "4",
    "--scale",
    "2",
    "--seed",
    "3",
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^12 images \(step \d+, heun, 50 steps\) in .* s: a\/samples.png\n$/);
  const png = decode(bytes("a/samples.png"));
  expect([png.width, png.height, png.channels]).toEqual([(4 * 9 + 1) * 2, (3 * 9 + 1) * 2, 1]);
  const exists = await ran("sample", "a", "--seed", "4");
  expect(exists).toMatchObject({ code: 3 });
  await ran("sample", "a", "--classes", "0-2", "--count", "4", "--scale", "2", "--seed", "3", "--out", "b.png");
  expect(bytes("b.png").equals(bytes("a/samples.png"))).toBe(true);
  await ran("sample", "a", "--classes", "0-2", "--count", "4", "--scale", "2", "--seed", "4", "--out", "c.png");
  expect(bytes("c.png").equals(bytes("b.png"))).toBe(false);
  expect(await ran("sample", "a", "--classes", "3", "--out", "d.png")).toMatchObject({ code: 2 });
  expect(await ran("sample", "a", "--classes", "two", "--out", "d.png")).toMatchObject({ code: 2 });
  expect(await ran("sample", "a", "--solver", "rk4", "--out", "d.png")).toMatchObject({ code: 2 });
  expect(await ran("sample", "a", "--out", "no/where/d.png")).toMatchObject({ code: 5 });
});

test("--json prints one object per line, --quiet one line", async () => {
  const { stdout } = await ran("train", "lines", "--out", "a", "--steps", "100", "--json");
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(new Set(events.map((e) => e.event))).toEqual(new Set(["note", "start", "progress", "checkpoint", "done"]));
  expect(events.filter((e) => e.event === "checkpoint").map((e) => e.step)).toEqual([50, 100]);
  const quiet = await ran("train", "lines", "--out", "b", "--steps", "100", "--quiet");
  expect(quiet.stdout).toMatch(/^done: 100 steps[^\n]*\n$/);
});

test("a loss that is no number stops the run with exit code 6; the checkpoint before stays", async () => {
  const { code, stderr } = await ran(
    "train",
    "lines",
    "--out",
    "a",
    "--steps",
    "2000",
    "--lr",
    "10",
    "--checkpoint-every",
    "10",
  );
  expect(stderr).toMatch(/the loss became (NaN|Infinity) at step \d+/);
  expect(code).toBe(6);
  expect(Number(decodeSafetensors(bytes("a/last.safetensors")).metadata.step)).toBeGreaterThan(0);
});

test("lab info tells about the machine, a data set and a checkpoint", async () => {
  expect((await ran("info")).stdout).toMatch(/ansatz: 0\.1\.0\nnode: \d+.*\n[\s\S]*datasets: lines\n/);
  expect(JSON.parse((await ran("info", "lines", "--json")).stdout)).toEqual({ dataset: "lines", examples: 64 });
  await ran("train", "lines", "--out", "a", "--steps", "60");
  const facts = JSON.parse((await ran("info", "a", "--last", "--json")).stdout);
  expect(facts).toMatchObject({
    step: 60,
    epoch: 15,
    config: { hidden: 5 },
    arrays: { weights: "float64 [5]", key: "uint32 [2]" },
  });
  expect((await ran("--version")).stdout).toBe("0.1.0\n");
  expect(await ran("--help")).toMatchObject({ code: 0, stdout: expect.stringMatching(/Exit codes/) });
});
