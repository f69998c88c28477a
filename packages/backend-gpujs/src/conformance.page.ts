// Runs in Chromium, opened by browser tests and by `npm run conformance`. Not part of the package.
import { type ConformanceCase, conformanceGroups, contractLaws, runCases } from "@ansatz/backend/conformance";
import { referenceBackend } from "@ansatz/backend/reference";
import { type GpujsBackend, gpujsBackend } from "./index";

const groups = conformanceGroups({ dtypes: ["float32", "int32", "uint32", "bool", "key"] });
let backend: GpujsBackend | undefined;
const make = (): GpujsBackend => (backend ??= gpujsBackend({ host: referenceBackend(), warn: () => {} }));

/** All cases with special values, and some of the others, spread over the list. */
const sampled = (cases: readonly ConformanceCase[], most: number): readonly ConformanceCase[] => {
  const special = cases.filter((c) => c.special !== "ordinary");
  const plain = cases.filter((c) => c.special === "ordinary");
  const room = Math.max(1, most - special.length);
  const step = Math.max(1, plain.length / room);
  return [...special, ...Array.from({ length: Math.min(room, plain.length) }, (_, i) => plain[Math.floor(i * step)])];
};

const api = {
  groups: groups.map((g) => ({ name: g.name, op: g.op, dtype: g.dtype, cases: g.cases.length })),
  /** The mismatches of a group; at most so many of its cases are asked. */
  async group(name: string, most = Number.POSITIVE_INFINITY): Promise<string[]> {
    const g = groups.find((x) => x.name === name);
    // GLSL promises neither subnormals nor their absence; SwiftShader and most devices flush them.
    const options = { once: most !== Number.POSITIVE_INFINITY, subnormals: false };
    const found = await runCases(make(), sampled(g?.cases ?? [], most), options);
    return found.map((m) => m.message);
  },
  laws: contractLaws.map((l) => l.name),
  async law(name: string): Promise<string> {
    try {
      await contractLaws.find((l) => l.name === name)?.check(make());
      return "";
    } catch (e) {
      return String(e);
    }
  },
  explain: () => make().counts(),
  statistics: () => make().statistics(),
  live: () => make().live(),
};
export type ConformancePage = typeof api;
(globalThis as { conformance?: typeof api }).conformance = api;
