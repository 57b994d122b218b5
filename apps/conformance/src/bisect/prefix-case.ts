import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CorpusCase } from "@slipway/conformance";

/** The case with another Dockerfile that ends with its last stage, and that expects nothing. Its folder is there while `use` runs. */
export async function withPrefixCase<T>(
  item: CorpusCase,
  dockerfile: string,
  use: (item: CorpusCase) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-bisect-"));
  try {
    await writeFile(join(folder, "Dockerfile"), dockerfile);
    await symlink(join(item.folder, "context"), join(folder, "context"));
    const { target: _, ...build } = item.build;
    const { ignored: __, ...rest } = item;
    return await use({ ...rest, build, expect: {}, folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
