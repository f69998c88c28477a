import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, trackedFiles } from "./process";
import { reportPath, type TestReport, testStatuses } from "./tests";

/** One entry of docs/coverage.json: which exports and tests realise an ID of the theory, and which page of the atlas shows it. */
export interface Entry {
  /** `@ansatz/package#name`, or `@ansatz/package/subpath#name`. */
  exports: string[];
  /** `path/of/file.test.ts > group > test name`; a group's name stands for all the tests in it. */
  tests: string[];
  /** A route of the atlas, as written in its sources. */
  page?: string;
}

export interface World {
  ids: ReadonlySet<string>;
  exportsOf(specifier: string): Promise<ReadonlySet<string> | undefined>;
  statuses: ReadonlyMap<string, string>;
  hasPage(route: string): boolean;
}

/** What docs/coverage.json claims and the world does not show. */
export async function coverageProblems(claims: Record<string, Entry>, world: World): Promise<string[]> {
  const found: string[] = [];
  for (const [id, entry] of Object.entries(claims)) {
    const say = (sentence: string) => found.push(`docs/coverage.json: ${id}: ${sentence}`);
    if (!world.ids.has(id)) say("is no ID of docs/spec-ids.txt");
    if (!entry.exports?.length) say("names no export");
    if (!entry.tests?.length) say("names no test; an ID counts only when tests assert its expected numbers");
    for (const unknown of Object.keys(entry).filter((key) => !["exports", "tests", "page"].includes(key))) {
      say(`has a field ${unknown}; the fields are exports, tests and page`);
    }
    for (const claim of entry.exports ?? []) {
      const [specifier, name, ...rest] = claim.split("#");
      const names = name && rest.length === 0 ? await world.exportsOf(specifier) : undefined;
      if (!names) say(`"${claim}" is not of the form @ansatz/package#name with a package of this repository`);
      else if (!names.has(name)) say(`${specifier} has no export ${name}`);
    }
    for (const claim of entry.tests ?? []) {
      const own = world.statuses.get(claim);
      const group = [...world.statuses].filter(([name]) => name.startsWith(`${claim} > `)).map(([, status]) => status);
      const statuses = own === undefined ? group : [own];
      if (statuses.length === 0) say(`there is no test "${claim}"`);
      else if (statuses.some((status) => status !== "passed")) say(`the test "${claim}" did not pass`);
    }
    if (entry.page !== undefined && !world.hasPage(entry.page)) say(`the atlas has no page ${entry.page}`);
  }
  return found;
}

/** docs/coverage.json against the list of IDs, the packages' exports and the report of the last run of all tests. */
export async function coverage(): Promise<string[]> {
  if (!existsSync(reportPath)) return ["there is no report of the tests: run them first (npm test -- tests coverage)"];
  const claims = JSON.parse(readFileSync(join(root, "docs/coverage.json"), "utf8")) as Record<string, Entry>;
  const ids = new Set(readFileSync(join(root, "docs/spec-ids.txt"), "utf8").split("\n").filter(Boolean));
  const pages = await trackedFiles("apps/atlas/src/*.ts", "apps/atlas/src/*.tsx");
  const sources = pages
    .filter((path) => existsSync(join(root, path)))
    .map((path) => readFileSync(join(root, path), "utf8"));
  const found = await coverageProblems(claims, {
    ids,
    exportsOf,
    statuses: testStatuses(JSON.parse(readFileSync(reportPath, "utf8")) as TestReport),
    hasPage: (route) => sources.some((text) => ["'", '"', "`"].some((quote) => text.includes(quote + route + quote))),
  });
  const entries = Object.keys(claims).length;
  if (found.length === 0)
    console.log(`  ${entries} of ${ids.size} IDs of the theory are claimed, and every claim holds`);
  return found;
}

/** Names that a package's source exports; needs Node to run with the source condition and a TypeScript loader. */
async function exportsOf(specifier: string): Promise<ReadonlySet<string> | undefined> {
  const [, folder, subpath] = /^@ansatz\/([^/]+)(\/.+)?$/.exec(specifier) ?? [];
  const manifest = join(root, "packages", folder ?? "", "package.json");
  if (folder === undefined || !existsSync(manifest)) return undefined;
  const { exports } = JSON.parse(readFileSync(manifest, "utf8")) as { exports: Record<string, Record<string, string>> };
  const source = exports[`.${subpath ?? ""}`]?.["@ansatz/source"];
  if (source === undefined) return undefined;
  return new Set(Object.keys(await import(pathToFileURL(join(root, "packages", folder, source)).href)));
}
