import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors } from "@ansatz/datasets";
import { expect, test } from "vitest";
import { commandLine } from "./testing/command";

const { cwd, bytes, lab, ran, script } = commandLine(new URL("./testing/lines-cli.ts", import.meta.url));

test("a run killed at any time and resumed ends in the same bytes as one that was never stopped", async () => {
  const flags = ["lines", "--steps", "400", "--layers", "5", "--checkpoint-every", "20"];
  expect((await ran("train", ...flags, "--out", "whole")).code).toBe(0);
  let kills = 0;
  for (const at of ["step 40 ", "step 200 "]) {
    const run = lab("train", ...flags, "--out", "cut", ...(kills > 0 ? ["--resume"] : []));
    await run.shows(at);
    run.child.kill("SIGKILL");
    expect((await run.ended).signal).toBe("SIGKILL");
    kills++;
  }
  const last = decodeSafetensors(bytes("cut/last.safetensors"));
  expect(Number(last.metadata.step)).toBeLessThan(400);
  const resumed = await ran("train", "lines", "--out", "cut", "--resume");
  expect(resumed.stdout).toMatch(/resuming lines 5x5 size 8 at step \d+0 of 400/);
  expect(resumed.code).toBe(0);
  for (const name of ["last.safetensors", "best.safetensors"])
    expect(bytes(`cut/${name}`).equals(bytes(`whole/${name}`)), name).toBe(true);
  const history = (run: string) => JSON.parse(bytes(`${run}/metrics.json`).toString()).history;
  expect(history("cut")).toEqual(history("whole"));
});

test("Ctrl-C saves and exits with 130; the resumed run ends in the same bytes", async () => {
  const flags = ["train", "lines", "--steps", "300", "--layers", "5", "--checkpoint-every", "100"];
  expect((await ran(...flags, "--out", "whole")).code).toBe(0);
  const run = lab(...flags, "--out", "cut");
  await run.shows("step 100 ");
  run.child.kill("SIGINT");
  const ended = await run.ended;
  expect(ended.code).toBe(130);
  expect(ended.stdout).toMatch(
    /stopping after this step.*\nstopped at step \d+ of 300, saved in cut; continue with --resume\n$/,
  );
  expect((await ran("train", "lines", "--out", "cut", "--resume")).code).toBe(0);
  expect(bytes("cut/last.safetensors").equals(bytes("whole/last.safetensors"))).toBe(true);
});

test("a second Ctrl-C ends the process at once, and SIGTERM saves and exits with 143", async () => {
  // Signals are handled between steps, and these take a second: both have come when the first step ends.
  const slow = lab("train", "lines", "--layers", "10000", "--out", "a");
  await slow.shows("training");
  await new Promise((resolve) => setTimeout(resolve, 100));
  slow.child.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 100));
  slow.child.kill("SIGINT");
  const ended = await slow.ended;
  expect(ended.code).toBe(130);
  expect(ended.stdout).not.toMatch(/stopped at step/);
  expect(readdirSync(join(cwd(), "a"))).toEqual([]);
  const polite = lab("train", "lines", "--steps", "100000", "--out", "b");
  await polite.shows("step 50 ");
  polite.child.kill("SIGTERM");
  expect((await polite.ended).code).toBe(143);
  expect(existsSync(join(cwd(), "b/last.safetensors"))).toBe(true);
});

test("damaged, truncated and foreign checkpoints are refused and left as they are", async () => {
  await ran("train", "lines", "--out", "a", "--steps", "60");
  const good = bytes("a/last.safetensors");
  const put = (content: Uint8Array): void => writeFileSync(join(cwd(), "a/last.safetensors"), content);
  for (const [content, sentence] of [
    [good.subarray(0, good.length - 5), /a\/last\.safetensors is no usable checkpoint: .*truncated/],
    [good.subarray(0, 3), /ends inside the header's length/],
    [new Uint8Array(0), /ends inside the header's length/],
    [Buffer.from(good.toString("latin1").replace("ansatz-lab/1", "ansatz-lab/9"), "latin1"), /format is ansatz-lab\/9/],
    [Buffer.from(good.toString("latin1").replace("ansatz-lab/1", "something-xx"), "latin1"), /its format is something/],
    [
      Buffer.from(good.toString("latin1").replace("lines 5x1", "lines 6x1"), "latin1"),
      /another model: lines 6x1 size 8, not lines 5x1/,
    ],
  ] as const) {
    put(content);
    const resumed = await ran("train", "lines", "--out", "a", "--resume");
    expect(resumed.stderr).toMatch(sentence);
    expect(resumed.code).toBe(4);
    expect(bytes("a/last.safetensors").equals(content)).toBe(true);
    const sampled = await ran("sample", "a/last.safetensors", "--out", "x.png");
    expect(sampled.stderr).toMatch(sentence);
    expect(sampled.code).toBe(4);
    expect(existsSync(join(cwd(), "x.png"))).toBe(false);
  }
  expect(await ran("train", "lines", "--out", "none", "--resume")).toMatchObject({ code: 4 });
  expect(await ran("sample", "nowhere")).toMatchObject({ code: 4 });
  expect(await ran("info", "./nowhere")).toMatchObject({ code: 4 });
  expect(await ran("sample", ".")).toMatchObject({ code: 4 });
});

test.skipIf(process.platform === "win32")(
  "a disk that takes no more stops the run; the old checkpoint stays whole",
  async () => {
    await ran("train", "lines", "--out", "a", "--steps", "60");
    const before = ["last.safetensors", "metrics.json"].map((name) => bytes(`a/${name}`));
    // No file may grow over 512 bytes: every write fails as on a full disk, by the system and not by a mock.
    const limited = `trap '' XFSZ; ulimit -f 1; exec "$@"`;
    const run = script(limited, ..."train lines --out a --resume --steps 99".split(" "));
    const ended = await run.ended;
    expect(ended.stderr).toMatch(
      /^lab: cannot write a\/\w+\.\w+: the file would be larger than allowed here; what was there before is unchanged\n$/,
    );
    expect(ended.code).toBe(5);
    expect(["last.safetensors", "metrics.json"].map((name) => bytes(`a/${name}`))).toEqual(before);
    expect(readdirSync(join(cwd(), "a")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  },
);
