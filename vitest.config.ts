import { existsSync, readdirSync } from "node:fs";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { examplesPlugin } from "./tools/examples/plugin.ts";

// One project per package (its folder's name), reading src through the source condition; browser tests run in Node and
// drive Chromium; slow tests (soaks, trainings) have their own project and long timeouts.
const folders = ["packages", "apps", "tools"]
  .flatMap((top) => readdirSync(top).map((name) => ({ name, path: `${top}/${name}` })))
  .filter(({ path }) => existsSync(`${path}/package.json`));

const apart = ["**/*.browser.test.{ts,tsx}", "**/*.slow.test.ts"];
const never = ["**/node_modules/**", "**/dist/**"];
const examples = "tools/examples/examples.test.ts";
const everywhere = "{packages,apps,tools}/**";

export default defineConfig({
  resolve: { conditions: ["@ansatz/source", ...defaultClientConditions] },
  ssr: { resolve: { conditions: ["@ansatz/source", ...defaultServerConditions] } },
  test: {
    environment: "node",
    passWithNoTests: true,
    allowOnly: false,
    silent: "passed-only",
    projects: [
      ...folders.map(({ name, path }) => ({
        extends: true as const,
        test: { name, include: [`${path}/**/*.test.{ts,tsx}`], exclude: [...never, ...apart] },
      })),
      {
        extends: true,
        test: { name: "tools", include: ["tools/{check,browser,examples}/*.test.ts"], exclude: [...apart, examples] },
      },
      {
        extends: true,
        plugins: [examplesPlugin()],
        test: { name: "examples", include: [examples], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: [`${everywhere}/*.browser.test.{ts,tsx}`],
          exclude: never,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "slow",
          include: [`${everywhere}/*.slow.test.ts`],
          exclude: never,
          execArgv: ["--expose-gc"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
