export interface Chapter {
  readonly number: number;
  /** Its folder under src/pages and its part of the address. */
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
}

/** The chapters of the theory, in order. Each has an accent in style/tokens.css. */
export const chapters: readonly Chapter[] = [
  ["linear-algebra", "Linear algebra", "Maps, decompositions and the geometry they carry."],
  ["differential-equations", "Differential equations", "Flows, stability, and derivatives by program."],
  ["optimization", "Optimization", "Descent, its rates, duality and proximal steps."],
  ["neural-networks", "Neural networks", "Approximation, training, and what layers learn."],
  ["probability", "Probability", "Laws, limits, transport and inference."],
  ["information", "Information", "Entropy, divergence and their geometry."],
  ["stochastic-processes", "Stochastic processes", "Chains, diffusions and sampling."],
  ["graphical-models", "Graphical models", "Factorization, messages and structure."],
  ["synthesis", "Synthesis", "Models that generate: flows, diffusions, bridges."],
].map(([slug, title, summary], i) => ({ number: i + 1, slug, title, summary }) as Chapter);
