import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { BrowserContextOptions, Browser as Chromium, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { HOSTILE, sampleRecord } from "../src/report/testing/sample-record.ts";
import { writeReports } from "../src/report/write-reports.ts";
import { findBrowser } from "./find-browser.ts";
import { launch, type OpenedPage, openPage } from "./open-page.ts";

const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  isMobile: true,
  hasTouch: true,
};
const INSTALL_MS = 300_000;

let folder = "";
let browser: Chromium | undefined;
let missing: string | undefined;

beforeAll(async () => {
  const found = await findBrowser();
  if ("missing" in found) {
    missing = found.missing;
    return;
  }
  folder = await mkdtemp(join(tmpdir(), "index-page-"));
  await writeReports(await sampleRecord(folder), folder);
  browser = await launch(found.path);
}, INSTALL_MS);

afterAll(async () => {
  await browser?.close();
  if (folder !== "") await rm(folder, { recursive: true });
});

beforeEach((test) => {
  if (missing !== undefined) test.skip(missing);
});

async function opened(hash = "", options: BrowserContextOptions = {}): Promise<OpenedPage> {
  if (browser === undefined) throw new Error("The browser did not start");
  return openPage(browser, join(folder, "index.html"), hash, options);
}

/** Ids of the cases that can be seen. */
function shown(page: Page): Promise<string[]> {
  return page.locator("article.case:visible").evaluateAll((nodes) => nodes.map(({ id }) => id));
}

/** Every case and everything that is folded away in it. */
async function openAll(page: Page): Promise<void> {
  for (const closed of [".toggle[aria-expanded=false]", "details:not([open]) > summary"]) {
    await page.locator(closed).evaluateAll((nodes) => {
      for (const node of nodes) (node as unknown as { click(): void }).click();
    });
  }
}

describe("the page in a browser", () => {
  it("shows the matrix of group by builder", async () => {
    const { page, troubles } = await opened();
    const matrix = page.getByRole("region", { name: "Groups by builder" });
    expect(await matrix.getByRole("columnheader").allTextContents()).toEqual([
      "Group",
      "kaniko1.24.0",
      "dind26.1.5",
    ]);
    const row = matrix.getByRole("row").filter({ has: page.getByRole("rowheader", { name: /^copy/ }) });
    expect(await row.getByRole("button").allTextContents()).toEqual([
      "copy with kaniko: 33.3 %1 of 3",
      "copy with dind: 100 %3 of 3",
    ]);
    expect(troubles).toEqual([]);
  });

  it("shows what each builder reached, and what keeps it from more", async () => {
    const { page } = await opened();
    const card = page.getByRole("article", { name: "Kaniko 1.24.0" });
    expect(await card.textContent()).toMatch(/no level.*22\.2 %.*2 of 9 passed, 1 known difference/);
    await card.getByText("What keeps it from the next level").click();
    expect(await card.textContent()).toContain("cases that break it down: add-zstd");
  });

  it("filters by status, builder, group, feature and text, and clears", async () => {
    const { page, troubles } = await opened();
    await page.getByRole("combobox", { name: "status" }).selectOption("crash");
    expect(await shown(page)).toEqual(["add-zstd"]);
    expect(await page.getByRole("status").textContent()).toBe("1 of 13 cases");
    await page.getByRole("combobox", { name: "builder" }).selectOption("dind");
    expect(await shown(page)).toEqual([]);
    expect(await page.getByText("No case is like that.").isVisible()).toBe(true);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("combobox", { name: "feature" }).selectOption("copy-parents");
    expect(await shown(page)).toEqual(["copy-parents"]);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("searchbox", { name: "Text" }).pressSequentially("volume label");
    expect(await shown(page)).toEqual(["volume-below-copy"]);
    await page.getByRole("button", { name: "Clear" }).click();
    expect(await shown(page)).toHaveLength(13);
    expect(troubles).toEqual([]);
  });

  it("leads from a cell of the matrix to its cases, with an address that can be sent", async () => {
    const { page } = await opened();
    await page.getByRole("button", { name: /^run with kaniko:/ }).click();
    expect(await shown(page)).toEqual(["run-daemon", "run-exit-code"]);
    const { page: other } = await opened(new URL(page.url()).hash);
    expect(await shown(other)).toEqual(["run-daemon", "run-exit-code"]);
  });

  it("opens the case that the address names, with all there is to know of it", async () => {
    const { page, troubles } = await opened("#run-exit-code");
    const article = page.getByRole("article", { name: "run-exit-code" });
    expect(
      await article.getByRole("button", { name: /RUN sees the files/ }).getAttribute("aria-expanded"),
    ).toBe("true");
    const text = await article.textContent();
    for (const part of [
      "RUN cat /a.txt",
      "run: exitCode",
      "BUILD_FAILED line 2",
      "The instruction on line 2 ended",
      "What to do:",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain("npm run conformance -- --only run-exit-code --builder kaniko");
    expect(await article.evaluate((node) => node.getBoundingClientRect().top < 720)).toBe(true);
    expect(await article.locator(".named").textContent()).toBe("RUN cat /a.txt");
    expect(troubles).toEqual([]);
  });

  it("shows differences side by side", async () => {
    const { page } = await opened("#volume-below-copy");
    const rows = page.getByRole("region", { name: "Differences of volume-below-copy" }).getByRole("row");
    expect(await rows.nth(0).getByRole("columnheader").allTextContents()).toEqual([
      "What",
      "Wanted",
      "kaniko",
      "dind",
    ]);
    expect(await rows.nth(1).locator("th, td").allTextContents()).toEqual([
      "missing:/v/a.txt",
      "a file",
      "nothing",
      "as wanted",
    ]);
    expect(await page.getByText("Known difference:").isVisible()).toBe(true);
  });

  it("is used by keyboard", async () => {
    const { page } = await opened();
    await page.getByRole("button", { name: /COPY puts a file/ }).focus();
    await page.keyboard.press("Enter");
    expect(await page.getByRole("region", { name: "Dockerfile of copy-plain-file" }).isVisible()).toBe(true);
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").textContent()).toBe("Link to this case");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press(" ");
    expect(await page.getByRole("region", { name: "Dockerfile of copy-plain-file" }).isVisible()).toBe(false);
  });

  it("runs nothing of what a build printed, and shows it as it was", async () => {
    const { page, troubles } = await opened();
    await openAll(page);
    const log = page.getByRole("region", { name: "Log of run-exit-code with kaniko" });
    expect(await log.evaluate((node) => node.textContent)).toContain(HOSTILE);
    expect(await page.evaluate(() => (globalThis as { pwned?: number }).pwned)).toBeUndefined();
    expect(await page.locator("img").count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  it("does not scroll sideways on a phone, with everything open", async () => {
    const { page, troubles } = await opened("#run-exit-code", PHONE);
    await openAll(page);
    const widthOf = (tag: string) => page.locator(tag).evaluate((node) => node.scrollWidth);
    expect([await widthOf("html"), await widthOf("body")]).toEqual([360, 360]);
    expect(troubles).toEqual([]);
  });

  it.each(["light", "dark"] as const)("is as accessible as axe can tell, %s", async (colorScheme) => {
    const { page } = await opened("#volume-below-copy", { colorScheme });
    await openAll(page);
    await page.evaluate(axe.source);
    const violations = await page.evaluate(async () => {
      const tool = (globalThis as unknown as { axe: typeof axe }).axe;
      return (await tool.run()).violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)[0]}`,
      );
    });
    expect(violations).toEqual([]);
  });
});
