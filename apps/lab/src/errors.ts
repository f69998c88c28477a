/** Exit codes of the `lab` command; documented in the README. */
export const exitCodes = {
  ok: 0,
  /** A defect: anything not named below. */
  failure: 1,
  /** A flag, argument or name that does not exist or does not fit. */
  usage: 2,
  /** Something is there already and would have been overwritten. */
  exists: 3,
  /** A file that cannot be read, is damaged, or is of another kind. */
  input: 4,
  /** A file that cannot be written: disk full, no permission. */
  output: 5,
  /** The numbers failed: the loss became infinite or no number. */
  diverged: 6,
  /** Ctrl-C (128 + SIGINT). */
  interrupted: 130,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;

export type ExitReason = "usage" | "exists" | "input" | "output" | "diverged";

/** A failure that is the world's, not ours: one sentence for the person, an exit code for the script. */
export class LabError extends Error {
  readonly exitCode: number;
  constructor(reason: ExitReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LabError";
    this.exitCode = exitCodes[reason];
  }
}
