// Runs in Chromium: the page that conformance.browser.test.ts opens. Not part of the package.
import { conformanceGroups, contractLaws, runCases } from "@ansatz/backend/conformance";
import { referenceBackend } from "@ansatz/backend/reference";
import { type GpujsBackend, gpujsBackend } from "./index";

const groups = conformanceGroups({ dtypes: ["float32", "int32", "uint32", "bool", "key"] });
let backend: GpujsBackend;
const make = () => (backend ??= gpujsBackend({ host: referenceBackend(), warn: () => {} }));

const api = {
  groups: groups.map((g) => g.name),
  async group(name: string): Promise<string[]> {
    const g = groups.find((x) => x.name === name)!;
    const found = await runCases(make(), g.cases, { once: true, subnormals: false });
    return found.map((m) => m.message);
  },
  laws: contractLaws.map((l) => l.name),
  async law(name: string): Promise<string> {
    try {
      await contractLaws.find((l) => l.name === name)!.check(make());
      return "";
    } catch (e) {
      return String(e);
    }
  },
  statistics: () => make().statistics(),
};
(globalThis as { conformance?: typeof api }).conformance = api;
