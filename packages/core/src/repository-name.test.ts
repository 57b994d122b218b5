import { describe, expect, it } from "vitest";
import { parseReference } from "./reference.ts";
import { repositoryName } from "./repository-name.ts";

describe("repositoryName", () => {
  it.each(["my-repo", "my.repo", "my_repo", "my__repo", "a---b", "0"])("keeps the legal name %s", (name) => {
    expect(repositoryName(name)).toBe(name);
  });

  it("lowers the letters", () => {
    expect(repositoryName("My-Repo")).toBe("my-repo");
  });

  it.each([
    "",
    " ",
    "..",
    "-",
    "Ünïcode",
    "a/b",
    "../../etc",
    "a___b",
    "a._b",
    "日本語",
    "x".repeat(300),
    "-lead",
    "trail-",
    "a\nb",
  ])("makes a legal component out of %j, always the same", (name) => {
    const made = repositoryName(name);
    expect(parseReference(`r.example/${made}:1`).repository).toBe(made);
    expect(made.length).toBeLessThanOrEqual(100);
    expect(repositoryName(name)).toBe(made);
  });

  it("keeps apart names that would fall together", () => {
    expect(new Set(["a/b", "a b", "a-b", "a?b", "a--b"].map(repositoryName)).size).toBe(5);
  });
});
