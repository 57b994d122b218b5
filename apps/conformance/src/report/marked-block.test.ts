import { expect, it } from "vitest";
import { withBlock } from "./marked-block.ts";

const PAGE = "before\n<!-- a:begin -->\nold\n<!-- a:end -->\nafter\n<!-- b:begin -->\n<!-- b:end -->\n";

it("replaces one block and leaves the rest as it is", () => {
  const page = withBlock(PAGE, "a", "new $& text");
  expect(page).toBe(PAGE.replace("old", () => "new $& text"));
  expect(withBlock(page, "a", "new $& text")).toBe(page);
});

it.each([
  ["no begin", "x <!-- a:end -->"],
  ["no end", "<!-- a:begin --> x"],
  ["its end before its begin", "<!-- a:end --> <!-- a:begin -->"],
  ["the block twice", PAGE + PAGE],
])("says what to do with a page that has %s", (_name, page) => {
  expect(() => withBlock(page, "a", "new")).toThrow(/no single block <!-- a:begin --> .* Put the two lines/);
});
