// npm run conformance -- --backend NAME [--op OP]: puts the whole suite to a backend and says where it differs.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Backend, DType } from "@ansatz/backend";
import { conformanceGroups, contractLaws, runCases } from "@ansatz/backend/conformance";
import { referenceBackend } from "@ansatz/backend/reference";
import { tfjsBackend } from "@ansatz/backend-tfjs";
import { explainAttempts, loadTf } from "@ansatz/backend-tfjs/node";
import { wasmBackend } from "@ansatz/backend-wasm";
import { allLowerings } from "@ansatz/backend-wasm/lowerings";
import { bundle, launchWithWebGL, openPage, serve } from "../../browser/index";

const all: readonly DType[] = ["float64", "float32", "int32", "uint32", "bool", "key"];
const onGpus = all.filter((d) => d !== "float64");

/** Backends that run in this process. */
const here: { readonly [name: string]: () => Promise<{ backend: Backend; dtypes: readonly DType[]; about: string }> } =
  {
    reference: async () => ({ backend: referenceBackend(), dtypes: all, about: "the meaning itself" }),
    wasm: async () => ({ backend: wasmBackend({ lowerings: allLowerings }), dtypes: all, about: "WebAssembly" }),
    "tfjs-cpu": () => engine(["@tensorflow/tfjs"], "cpu"),
    "tfjs-wasm": () => engine(["@tensorflow/tfjs"], "wasm"),
    "tfjs-node": () => engine(["@tensorflow/tfjs-node"]),
    "tfjs-node-gpu": () => engine(["@tensorflow/tfjs-node-gpu"]),
  };

const engine = async (packages: string[], name?: string) => {
  const { tf, attempts } = await loadTf({ packages });
  if (name) await tf.setBackend(name);
  const backend = tfjsBackend(tf, { host: referenceBackend(), warn: () => {} });
  return { backend, dtypes: onGpus, about: `${explainAttempts(attempts)}; engine ${backend.engine}` };
};

/** Backends that run in Chromium, by the page their package opens for tests. */
const inChromium: { readonly [name: string]: string } = {
  gpujs: "../../../packages/backend-gpujs/src/conformance.page.ts",
  "tfjs-webgl": "../../../packages/backend-tfjs/src/conformance.page.ts",
};

/** What both kinds have in common: groups to ask, and laws. */
interface Suite {
  readonly about: string;
  readonly groups: readonly { readonly name: string; readonly op: string; readonly cases: number }[];
  group(name: string): Promise<readonly string[]>;
  readonly laws: readonly string[];
  law(name: string): Promise<string>;
  close(): Promise<void>;
}

const suiteHere = async (name: string): Promise<Suite> => {
  const { backend, dtypes, about } = await here[name]();
  const groups = conformanceGroups({ dtypes });
  // TensorFlow's threads flush subnormal numbers to zero.
  const subnormals = backend.name !== "tfjs-tensorflow";
  return {
    about,
    groups: groups.map((g) => ({ name: g.name, op: g.op, cases: g.cases.length })),
    async group(n) {
      const found = await runCases(backend, groups.find((g) => g.name === n)?.cases ?? [], { subnormals });
      return found.map((m) => m.message);
    },
    laws: contractLaws.map((l) => l.name),
    law: (n) =>
      contractLaws
        .find((l) => l.name === n)!
        .check(backend)
        .then(() => "", String),
    async close() {},
  };
};

const suiteInChromium = async (name: string): Promise<Suite> => {
  const main = await bundle(fileURLToPath(new URL(inChromium[name], import.meta.url)));
  const html = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>`;
  const site = await serve({ files: { "/": html, "/main.js": main } });
  const browser = await launchWithWebGL();
  const { page } = await openPage(browser, site.url);
  type Page = { conformance: Pick<Suite, "groups" | "group" | "laws" | "law"> };
  const lists = await page.evaluate(() => {
    const { groups, laws } = (globalThis as unknown as Page).conformance;
    return { groups, laws };
  });
  return {
    ...lists,
    about: `WebGL2 in Chromium ${browser.version()}, SwiftShader`,
    group: (n) => page.evaluate((x) => (globalThis as unknown as Page).conformance.group(x), n),
    law: (n) => page.evaluate((x) => (globalThis as unknown as Page).conformance.law(x), n),
    async close() {
      await browser.close();
      await site.close();
    },
  };
};

const { values } = parseArgs({ options: { backend: { type: "string" }, op: { type: "string" } } });
const known = [...Object.keys(here), ...Object.keys(inChromium)];
if (!values.backend || !known.includes(values.backend)) {
  console.error(`npm run conformance -- --backend NAME [--op OP], where NAME is one of ${known.join(", ")}`);
  process.exit(2);
}

const run = async (name: string): Promise<number> => {
  let suite: Suite;
  try {
    suite = await (Object.hasOwn(here, name) ? suiteHere(name) : suiteInChromium(name));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  console.log(`${name}: ${suite.about}`);
  let cases = 0;
  let bad = 0;
  try {
    for (const g of suite.groups.filter((x) => !values.op || x.op === values.op)) {
      const found = await suite.group(g.name);
      cases += g.cases;
      bad += found.length;
      console.log(`${found.length === 0 ? "ok    " : "DIFFER"} ${g.name} (${g.cases - found.length} of ${g.cases})`);
      for (const message of found.slice(0, 3)) console.log(message.replace(/^/gm, "  "));
    }
    for (const law of values.op ? [] : suite.laws) {
      const why = await suite.law(law);
      cases++;
      if (why !== "") bad++;
      console.log(`${why === "" ? "ok    " : "BROKEN"} ${law}${why && `: ${why}`}`);
    }
  } finally {
    await suite.close();
  }
  console.log(`${name}: ${cases - bad} of ${cases} cases agree`);
  return bad > 0 ? 1 : 0;
};

process.exitCode = await run(values.backend);
