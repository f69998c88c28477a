/**
 * Every error of Ansatz says who called, which law failed, what was seen, and what to try. `code` is stable; messages are not.
 * Misuse throws one of these; numerical failure is data (`info`), never an exception.
 */
export class AnsatzError extends Error {
  constructor(
    readonly code: string,
    readonly caller: string,
    law: string,
    seen?: Readonly<Record<string, unknown>>,
    advice?: string,
  ) {
    super(`${caller}: ${law}${seen ? `, got ${describe(seen)}` : ""}${advice ? `; ${advice}` : ""}`);
    this.name = new.target.name;
  }
}

/** Shapes, ranks or axes that do not fit together. */
export class ShapeError extends AnsatzError {
  constructor(caller: string, law: string, seen?: Readonly<Record<string, unknown>>, advice?: string) {
    super("shape", caller, law, seen, advice);
  }
}

/** A dtype an op does not take, or one a backend does not have. */
export class DTypeError extends AnsatzError {
  constructor(caller: string, law: string, seen?: Readonly<Record<string, unknown>>, advice?: string) {
    super("dtype", caller, law, seen, advice);
  }
}

/** An argument outside the set on which the function is defined. */
export class DomainError extends AnsatzError {
  constructor(caller: string, law: string, seen?: Readonly<Record<string, unknown>>, advice?: string) {
    super("domain", caller, law, seen, advice);
  }
}

/** A malformed program: the checker names the equation. */
export class ProgramError extends AnsatzError {
  constructor(caller: string, law: string, seen?: Readonly<Record<string, unknown>>, advice?: string) {
    super("program", caller, law, seen, advice);
  }
}

/** The machine failed: out of memory, a lost context, a freed buffer. */
export class BackendError extends AnsatzError {
  constructor(
    caller: string,
    law: string,
    seen?: Readonly<Record<string, unknown>>,
    advice?: string,
    code: "backend" | "memory" | "lost" | "unavailable" = "backend",
  ) {
    super(code, caller, law, seen, advice);
  }
}

const show = (v: unknown): string =>
  Array.isArray(v)
    ? `[${v.map(show).join(", ")}]`
    : typeof v === "object" && v !== null
      ? `{ ${describe(v as Record<string, unknown>)} }`
      : typeof v === "bigint" || typeof v === "number"
        ? String(v)
        : String(v);

const describe = (seen: Readonly<Record<string, unknown>>): string =>
  Object.entries(seen)
    .map(([k, v]) => `${k}: ${show(v)}`)
    .join(", ");
