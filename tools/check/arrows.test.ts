import { describe, expect, test } from "vitest";
import { arrowViolations } from "./arrows";

const violations = (path: string, text: string) => arrowViolations([{ path, text }]);

describe("the import arrows", () => {
  test("name the file and the line of an import to the right", () => {
    const text = `import { a } from "@ansatz/backend";\nimport { svd } from "@ansatz/linalg";\n`;
    expect(violations("packages/tensor/src/deep/x.ts", text)).toEqual([
      "packages/tensor/src/deep/x.ts:2: tensor imports @ansatz/linalg, but linalg stands right of tensor in the line of packages",
    ]);
  });

  test.each([
    ["a type import", `import type { T } from "@ansatz/nn";`],
    ["a re-export", `export * from "@ansatz/nn";`],
    ["a dynamic import", `const m = await import("@ansatz/nn");`],
    ["an import type", `type T = import("@ansatz/nn").T;`],
    ["an app", `import "@ansatz/lab";`],
    ["a device backend", `import { t } from "@ansatz/backend-tfjs";`],
    ["a relative path into a sibling", `import { t } from "../../nn/src/index";`],
  ])("refuse %s", (_, text) => expect(violations("packages/optimization/src/x.ts", text)).toHaveLength(1));

  test("refuse a devDependency to the right, by the line of package.json", () => {
    const text = JSON.stringify(
      { name: "@ansatz/tensor", devDependencies: { "@ansatz/autodiff": "workspace:*" } },
      null,
      2,
    );
    expect(violations("packages/tensor/package.json", text)).toEqual([
      "packages/tensor/package.json:4: tensor imports @ansatz/autodiff, but autodiff stands right of tensor in the line of packages",
    ]);
  });

  test("let the reference machine into tests and nowhere else", () => {
    const text = `import { reference } from "@ansatz/backend/reference";`;
    expect(violations("packages/backend-wasm/src/x.test.ts", text)).toEqual([]);
    expect(violations("packages/backend-wasm/src/x.ts", text)).toHaveLength(1);
  });

  test("let a device backend stand on backend alone", () => {
    expect(violations("packages/backend-tfjs/src/x.ts", `import "@ansatz/backend";`)).toEqual([]);
    expect(violations("packages/backend-tfjs/src/x.ts", `import "@ansatz/tensor";`)).toHaveLength(1);
    expect(violations("apps/atlas/src/x.ts", `import "@ansatz/backend-tfjs";`)).toEqual([]);
  });
});
