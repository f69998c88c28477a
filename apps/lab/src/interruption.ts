import { exitCodes } from "./errors";

/**
 * Ctrl-C and SIGTERM as a request: the first asks the work to stop where it can be continued later; the second ends the process
 * at once, which loses what was done since the last checkpoint and nothing else (files are written by renaming).
 */
export class Interruption {
  readonly #controller = new AbortController();
  #signal: "SIGINT" | "SIGTERM" | null = null;
  readonly #listeners: (readonly ["SIGINT" | "SIGTERM", () => void])[];

  constructor(onFirst: (signal: "SIGINT" | "SIGTERM") => void) {
    this.#listeners = (["SIGINT", "SIGTERM"] as const).map((name) => {
      const listener = (): void => {
        if (this.#signal) process.exit(this.exitCode);
        this.#signal = name;
        onFirst(name);
        this.#controller.abort();
      };
      process.on(name, listener);
      return [name, listener] as const;
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get exitCode(): number {
    return this.#signal === "SIGTERM" ? exitCodes.terminated : this.#signal ? exitCodes.interrupted : exitCodes.ok;
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }
}
