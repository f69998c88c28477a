import { afterAll, beforeAll, expect } from "vitest";
import { browserTest, chromiumPath } from "../../../../tools/browser";
import { type Atlas, openAtlas, seriousViolations } from "../testing/site";

const flow = "/synthesis/flow-matching";

let atlas: Atlas;
beforeAll(async () => {
  if (chromiumPath) atlas = await openAtlas();
});
afterAll(() => atlas?.close());

browserTest("the contents lead to a page, and back leads to the contents", async () => {
  const { page, errors } = await atlas.visit("/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.locator(".card", { hasText: "Flow matching" }).click();
  await page.getByRole("heading", { level: 1, name: "Flow matching" }).waitFor();
  expect(new URL(page.url()).pathname).toBe(flow);
  expect(await page.title()).toContain("Flow matching");
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: /mathematics/ }).waitFor();
  expect(errors).toEqual([]);
});

browserTest("keys: arrows turn pages, t changes the theme and it is remembered, ? lists what works here", async () => {
  const { page } = await atlas.visit("/", { colorScheme: "light" });
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.keyboard.press("ArrowLeft"); // from the contents, backwards: the last page
  await page.waitForURL((url) => url.pathname !== "/");
  await page.getByRole("button", { name: "Start training" }).waitFor();

  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  const keys = await dialog.locator("kbd").allTextContents();
  expect(keys).toEqual(expect.arrayContaining(["?", "t", "←", "→", "space", ".", "r"]));
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });

  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  expect(await theme()).toBe("light");
  await page.keyboard.press("t");
  expect(await theme()).toBe("dark");
  await page.reload();
  expect(await theme()).toBe("dark");
});

browserTest("the system's theme is followed until the reader chooses", async () => {
  const { page } = await atlas.visit("/", { colorScheme: "dark" });
  await page.getByRole("heading", { level: 1 }).waitFor();
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await paper();
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(paper).not.toBe(dark);
});

browserTest("every control is in the address, and the address sets every control", async () => {
  const { page } = await atlas.visit(`${flow}?law=spiral&seed=7&solver=euler&steps=5&x0=0.5,-0.25`);
  await page.getByLabel("Law", { exact: true }).waitFor();
  expect(await page.getByLabel("Law", { exact: true }).inputValue()).toBe("spiral");
  expect(await page.getByLabel("Seed", { exact: true }).inputValue()).toBe("7");
  expect(await page.getByRole("radio", { name: "Euler" }).isChecked()).toBe(true);
  expect(await page.getByLabel("Solver steps").inputValue()).toBe("5");
  expect(await page.locator("[data-handle]").getAttribute("aria-label")).toContain("x 0.50, y -0.25");

  const query = () => new URL(page.url()).searchParams;
  await page.getByLabel("Law", { exact: true }).selectOption("rings");
  await page.getByLabel("Velocity field").check();
  await expect.poll(() => query().get("law")).toBe("rings");
  await expect.poll(() => query().get("field")).toBe("1");
  await page.locator("[data-handle]").focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => query().get("x0")).toBe("0.56,-0.25");

  await page.goBack(); // the handle
  await page.goBack(); // the field
  await expect.poll(() => page.getByLabel("Velocity field").isChecked()).toBe(false);
  expect(await page.getByLabel("Law", { exact: true }).inputValue()).toBe("rings");
  await page.goBack(); // the law
  await expect.poll(() => page.getByLabel("Law", { exact: true }).inputValue()).toBe("spiral");
  await page.goForward();
  await expect.poll(() => page.getByLabel("Law", { exact: true }).inputValue()).toBe("rings");
});

browserTest("a value that makes no sense in the address gives the initial one", async () => {
  const { page, errors } = await atlas.visit(`${flow}?law=nonsense&steps=many&lr=9&seed=-1`);
  await page.getByLabel("Law", { exact: true }).waitFor();
  expect(await page.getByLabel("Law", { exact: true }).inputValue()).toBe("moons");
  expect(await page.getByLabel("Seed", { exact: true }).inputValue()).toBe("0");
  expect(await page.getByLabel("Solver steps").inputValue()).toBe("16");
  expect(await page.getByLabel("Learning rate").getAttribute("aria-valuetext")).toBe("0.030");
  expect(errors).toEqual([]);
});

browserTest("nothing is wider than a phone, and nothing is lost there", async () => {
  for (const path of ["/", flow, `${flow}?part=digits`]) {
    const { page } = await atlas.visit(path, { viewport: { width: 390, height: 844 }, hasTouch: true });
    await page.getByRole("heading", { level: 1 }).waitFor();
    if (path !== "/") await page.getByRole("button", { name: "Start training" }).waitFor();
    const [scroll, client] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(scroll, path).toBe(client);
    await page.getByRole("button", { name: "Chapters" }).click();
    await page.getByRole("navigation", { name: "Chapters" }).getByRole("link", { name: "Flow matching" }).waitFor();
  }
});

browserTest("axe finds nothing serious, in light and dark", async () => {
  for (const colorScheme of ["light", "dark"] as const)
    for (const path of ["/", flow, `${flow}?part=digits`]) {
      const { page } = await atlas.visit(path, { colorScheme, reducedMotion: "reduce" });
      await page.getByRole("heading", { level: 1 }).waitFor();
      if (path !== "/") await page.getByRole("button", { name: "Start training" }).waitFor();
      expect(await seriousViolations(page), `${path} ${colorScheme}`).toEqual([]);
    }
});

browserTest("an unknown address says so and leads home", async () => {
  const { page } = await atlas.visit("/synthesis/nothing-here");
  await page.getByRole("heading", { name: "No such page" }).waitFor();
  await page.getByRole("link", { name: "Go to the contents." }).click();
  await page.waitForURL((url) => url.pathname === "/");
});
