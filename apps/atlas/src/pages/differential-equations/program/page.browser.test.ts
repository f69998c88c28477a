import { afterAll, beforeAll, expect } from "vitest";
import { browserTest, chromiumPath } from "../../../../../../tools/browser";
import { isSound, picture, readingIs } from "../../../testing/page";
import { type Atlas, openAtlas } from "../../../testing/site";

const path = "/differential-equations/program";

let atlas: Atlas;
beforeAll(async () => {
  if (chromiumPath) atlas = await openAtlas();
});
afterAll(() => atlas?.close());

browserTest("a typed function is traced, and both sweeps give the derivatives of the closed form", async () => {
  const { page, errors } = await atlas.visit(path, { viewport: { width: 1400, height: 1250 } });
  // Example 2.1.1 at (1, 2)
  await readingIs(page, "∂f/∂x1", -1.131112504660313, 1e-14);
  await readingIs(page, "∂f/∂x2", Math.cos(3), 1e-14);
  await readingIs(page, "lines", 5);
  await readingIs(page, "local partials", 5);
  await page.screenshot({ path: picture("differentiation-by-program") });

  const rows = page.locator(".program tbody tr");
  const cells = async (row: number) => rows.nth(row).locator("td").allTextContents();
  expect(await rows.nth(3).locator("th").textContent()).toBe("w₄ = sin(w₃)");
  // step by step: after three steps nothing is known of w₄, after seven the adjoint of w₄ is
  await page.getByLabel("Position in the sweeps").fill("3");
  expect(await cells(3)).toEqual(["·", "·", "·"]);
  await page.keyboard.press(".");
  await expect.poll(() => cells(3)).toEqual(["0.14112", "−0.989992", "·"]);
  await page.getByLabel("Position in the sweeps").fill("7");
  expect(await cells(3)).toEqual(["0.14112", "−0.989992", "1"]);

  await page.getByLabel("f =").fill("x^2 y + y z + z^3");
  await readingIs(page, "∂f/∂z", 2 + 3 * 9, 1e-12);
  await readingIs(page, "f", 35, 1e-12);
  await page.getByRole("button", { name: "y", exact: true }).click();
  await readingIs(page, "tangent of f along y", 1 + 3, 1e-12);
  expect(new URL(page.url()).searchParams.get("f")).toBe("x^2 y + y z + z^3");
  expect(errors).toEqual([]);
});

browserTest("a formula that is none says where it fails, and what it showed stays", async () => {
  const { page, errors } = await atlas.visit(path);
  await readingIs(page, "lines", 5);
  const input = page.getByLabel("f =");
  await input.fill("sin(x1 + ");
  await page.locator(".formula-problem", { hasText: "Expects a number, a name or a parenthesis" }).waitFor();
  expect(await input.getAttribute("aria-invalid")).toBe("true");
  await readingIs(page, "lines", 5);
  await input.fill("alert(x)");
  await page.locator(".formula-problem", { hasText: "Does not know a name" }).waitFor();
  await input.fill("exp(x)");
  await readingIs(page, "∂f/∂x", Math.E, 1e-12);
  await page.getByText("jvp(f)").first().click();
  await page.locator(".printed .code", { hasText: "exp" }).waitFor();
  expect(errors).toEqual([]);
});

browserTest("the page is sound", async () => {
  await isSound(atlas, `${path}?f=log(x^2%2By^2)%2Bsin((x%2By)^2)`, (page) =>
    readingIs(page, "∂f/∂x", -5.066781571308062, 1e-12),
  );
});
