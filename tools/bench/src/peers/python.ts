import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Contestant } from "../harness";

/**
 * NumPy and PyTorch through one python3 that answers line by line: a request names the library, the row and a number of runs; the answer carries
 * the time that python measured itself, so the pipe is not in it.
 */
const script = fileURLToPath(new URL("./peers.py", import.meta.url));
const interpreters = ["python3", "/usr/bin/python3"];

class Python {
  private readonly lines: AsyncIterator<string>;
  constructor(private readonly child: ChildProcess) {
    this.lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  }
  stop(): void {
    this.child.kill();
  }
  async ask<T>(request: unknown): Promise<T> {
    (this.child.stdin as Writable).write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error("python3 ended");
    const answer = JSON.parse(value) as { error?: string } & T;
    if (answer.error) throw new Error(answer.error);
    return answer;
  }
}

/** Versions of what the python peers use, as far as it is there. */
export const pythonVersions = (): string[] =>
  ["numpy", "scipy", "torch"].flatMap((library) => {
    for (const p of interpreters) {
      const { status, stdout } = spawnSync(p, ["-c", `import ${library}; print(${library}.__version__)`], {
        encoding: "utf8",
      });
      if (status === 0) return [`${library} ${stdout.trim()}`];
    }
    return [];
  });

const running = new Map<string, Python>();

const python = (library: string): Python | undefined => {
  const known = running.get(library);
  if (known) return known;
  const has = interpreters.find((p) => spawnSync(p, ["-c", `import ${library}`], { stdio: "ignore" }).status === 0);
  if (!has) return undefined;
  // One thread: the rows compare one core with one core.
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
  const p = new Python(spawn(has, [script, library], { env, stdio: ["pipe", "pipe", "inherit"] }));
  running.set(library, p);
  return p;
};

export const pythonPeer =
  (library: "numpy" | "torch", row: string) =>
  async (): Promise<(Contestant & { timed(times: number): Promise<number> }) | undefined> => {
    const p = python(library);
    if (!p) throw new Error(`python3 has no ${library}`);
    await p.ask({ row, do: "setup" });
    return {
      run: () => p.ask({ row, do: "run", times: 1 }),
      timed: async (times) => (await p.ask<{ ms: number }>({ row, do: "run", times })).ms,
      result: async () => (await p.ask<{ result: number[] }>({ row, do: "result" })).result,
    };
  };

export const stopPython = (): void => {
  for (const p of running.values()) p.stop();
  running.clear();
};
