import { type BrowserContextOptions, type Browser as Chromium, chromium, type Page } from "playwright-core";

/** Nothing of the browser's own may look like a request of the page. */
const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch(executablePath: string): Promise<Chromium> {
  return chromium.launch({ executablePath, args: QUIET, chromiumSandbox: process.getuid?.() !== 0 });
}

export interface OpenedPage {
  readonly page: Page;
  /** What the page must not do: requests beside its own file, errors, messages on the console. */
  readonly troubles: string[];
}

/** Opens the file, with `hash` behind its address, in a browser window of its own. */
export async function openPage(
  browser: Chromium,
  file: string,
  hash: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith("data:") && request.url().split("#")[0] !== `file://${file}`) {
      troubles.push(`request: ${request.url()}`);
    }
  });
  page.on("console", (message) => troubles.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  await page.goto(`file://${file}${hash}`);
  return { page, troubles };
}
