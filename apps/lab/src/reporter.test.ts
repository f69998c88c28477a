import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { barReporter, duration, lineOf, lineReporter } from "./reporter";

test("durations read as people say them", () => {
  expect([0.4, 59, 75, 3600, 3725, Number.POSITIVE_INFINITY].map(duration)).toEqual([
    "0s",
    "59s",
    "1m15s",
    "1h00m",
    "1h02m",
    "?",
  ]);
});

test("a line holds step, loss, speed and the time left", () => {
  const line = lineOf({ event: "progress", step: 5, steps: 10, loss: 0.25, samplesPerSecond: 1234.5, etaSeconds: 61 });
  expect(line).toBe("step 5/10  loss 0.2500  1235 samples/s  ETA 1m01s");
});

test("on a terminal a bar shows the same, and checkpoints stand above it as lines", async () => {
  const stream = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 120,
    rows: 30,
  }) as unknown as NodeJS.WriteStream;
  let seen = "";
  stream.on("data", (chunk) => {
    seen += chunk;
  });
  const reporter = barReporter(stream);
  const at = (step: number) => ({ step, steps: 10, loss: 0.5, samplesPerSecond: 100, etaSeconds: 7 });
  reporter.tick(at(2));
  reporter.tick(at(5));
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(seen).toMatch(/50% {2}5\/10 {2}loss 0\.5000 {2}100 samples\/s {2}ETA 7s/);
  reporter.tell({ event: "checkpoint", step: 5, heldOut: 0.4, best: true, file: "last.safetensors" });
  expect(seen).toMatch(/step 5 {2}held-out loss 0\.4000 {2}\(best\) {2}saved last\.safetensors\n$/);
  reporter.tick(at(6));
  reporter.close();
  const before = seen;
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(seen).toBe(before);
  expect(seen).toContain("\u001b[?25h"); // the cursor is back
});

test("in a pipe progress is told at intervals, everything else at once", async () => {
  let seen = "";
  const reporter = lineReporter({ write: (text) => (seen += text) }, 50);
  const progress = { event: "progress", step: 1, steps: 9, loss: 1, samplesPerSecond: 1, etaSeconds: 1 } as const;
  reporter.tell(progress);
  expect(seen).toBe("");
  reporter.tell({ event: "note", text: "hello" });
  expect(seen).toBe("hello\n");
  await new Promise((resolve) => setTimeout(resolve, 60));
  reporter.tell(progress);
  reporter.tell(progress);
  expect(seen).toBe("hello\nstep 1/9  loss 1.0000  1 samples/s  ETA 1s\n");
});
