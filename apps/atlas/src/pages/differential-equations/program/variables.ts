/** The names a formula may use for its inputs, at most three of them. */
export const allowed: readonly string[] = ["x", "y", "z", "x1", "x2", "x3"];
