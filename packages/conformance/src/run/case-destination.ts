import { randomBytes } from "node:crypto";
import type { CorpusCase } from "../corpus/corpus-case.ts";

/**
 * A name for the image of a case, below `conformance/` of a registry and of nobody else's. Images of one builder are in one repository, so
 * that what many build on is pushed once; a build that is to fail has a repository of its own, in which nothing may be afterwards.
 */
export function caseDestination(
  registry: string,
  { id, expect }: Pick<CorpusCase, "id" | "expect">,
  builder: string,
): string {
  const repository = `${registry}/conformance/${builder}`;
  const own = `${id}-${randomBytes(4).toString("hex")}`;
  return "fails" in expect ? `${repository}/${own}:built` : `${repository}:${own}`;
}
