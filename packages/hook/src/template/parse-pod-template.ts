import { readFile } from "node:fs/promises";
import { BuildError } from "@slipway/core";
import type { Document, LineCounter } from "yaml";
import { checkTemplate, type Defect, type FieldPath } from "./check-template.ts";
import type { PodTemplate } from "./pod-template.ts";

/** Reads the file. Throws INVALID_CONFIG, in whose message the official hook's `Failed to parse <path>` is kept. */
export async function readPodTemplate(path: string): Promise<PodTemplate> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw failure(path, cause instanceof Error ? cause.message : String(cause), cause);
  });
  return parsePodTemplate(text, path);
}

/**
 * Reads a pod template (actions/runner-container-hooks, docs/adrs/0134: a document like a PodTemplate, whose `metadata` and `spec` are
 * at its top). Throws INVALID_CONFIG that names path, line and field.
 */
export async function parsePodTemplate(text: string, path: string): Promise<PodTemplate> {
  // Only now: most jobs have no template and shall not wait for a parser.
  const { LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  // The official hook's parser knows `<<`, and takes `yes` for text: YAML 1.2 with merge keys.
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    throw failure(path, `line ${lines.linePos(syntax.pos[0]).line}: ${syntax.message}`, syntax);
  }
  const { template, defect } = checkTemplate(plainValue(document, path), path);
  if (template !== undefined) return template;
  throw failure(path, `${whereIs(document, lines, defect)}${defect.message}`);
}

function plainValue(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // Aliases of aliases, of which a few lines can make gigabytes.
    throw failure(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** The line of a field, or of what it is missing in. */
function whereIs(document: Document, lines: LineCounter, { path }: Defect): string {
  const ways = path.map((_, index) => path.slice(0, path.length - index));
  const offset = ways.map((way) => offsetOf(document, way)).find((found) => found !== undefined);
  return offset === undefined ? "" : `line ${lines.linePos(offset).line}: `;
}

/** Where a field begins: its key where it has one, since a value may begin a line below. */
function offsetOf(document: Document, path: FieldPath): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true) as { items?: readonly PairLike[] } | undefined;
  const pair = parent?.items?.find(({ key }) => key?.value === path.at(-1));
  const node = pair?.key ?? (document.getIn(path, true) as Ranged | undefined);
  return node?.range?.[0];
}

interface PairLike {
  readonly key?: Ranged & { readonly value?: unknown };
}

interface Ranged {
  readonly range?: readonly number[] | null;
}

function failure(path: string, reason: string, cause?: unknown): BuildError {
  return new BuildError("INVALID_CONFIG", `Failed to parse ${path}: ${reason}`, {
    remedy:
      "Correct the file that ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE names on the runner container: a document with `metadata` and `spec` at its top",
    cause,
  });
}
