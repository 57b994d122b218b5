import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { containerFacts } from "./container-facts.ts";

function image(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "image-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const MUSL = { "lib/ld-musl-x86_64.so.1": "" };
const GLIBC = { "lib64/ld-linux-x86-64.so.2": "" };

it.each([
  ["Alpine", { "etc/os-release": 'NAME="Alpine Linux"\nID=alpine\n', ...MUSL }, true],
  ["Alpine with gcompat", { "etc/os-release": "ID=alpine\n", ...MUSL, ...GLIBC }, true],
  ["Alpine that quotes", { "usr/lib/os-release": 'ID="alpine"\n', ...MUSL }, true],
  ["another image of musl", MUSL, true],
  ["Debian", { "etc/os-release": "ID=debian\n", ...GLIBC }, false],
  ["Debian with musl-tools", { "etc/os-release": "ID=debian\n", ...MUSL, ...GLIBC }, false],
  [
    "Debian of another architecture with musl-tools",
    { "lib/ld-musl-aarch64.so.1": "", "lib/aarch64-linux-gnu/ld-linux-aarch64.so.1": "" },
    false,
  ],
  ["one that is like Alpine", { "etc/os-release": "ID=wolfi\nID_LIKE=alpine\n", ...GLIBC }, false],
  ["one with nothing in it", {}, false],
])("isAlpine of %s", (_what, files, isAlpine) => {
  expect(containerFacts(image(files))).toEqual({
    isAlpine,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
  });
});
