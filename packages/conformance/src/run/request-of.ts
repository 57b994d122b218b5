import type { BuildRequest } from "@slipway/core";
import type { CorpusCase } from "../corpus/corpus-case.ts";

const PLACE = /\{\{(\w+)\}\}/g;

type Values = Readonly<Record<string, string>>;

/** What a case asks a builder for. `values` stand for `{{name}}` in build arguments. */
export function requestOf(
  item: CorpusCase,
  folder: string,
  destination: string,
  values: Values,
): BuildRequest {
  const { dockerfile, target, platform, buildArgs, labels } = item.build;
  return {
    context: { kind: "directory", path: folder },
    dockerfile,
    destinations: [destination],
    ...(target === undefined ? {} : { target }),
    ...(platform === undefined ? {} : { platform }),
    ...(buildArgs === undefined ? {} : { buildArgs: filledIn(buildArgs, values) }),
    ...(labels === undefined ? {} : { labels }),
  };
}

/** The first `{{name}}` of a case that has no value. */
export function missingValue({ build }: CorpusCase, values: Values): string | undefined {
  const names = Object.values(build.buildArgs ?? {}).flatMap((text) =>
    Array.from(text.matchAll(PLACE), ([, name = ""]) => name),
  );
  return names.find((name) => values[name] === undefined);
}

function filledIn(buildArgs: Values, values: Values): Values {
  const fill = (text: string) => text.replace(PLACE, (place, name: string) => values[name] ?? place);
  return Object.fromEntries(Object.entries(buildArgs).map(([name, text]) => [name, fill(text)]));
}
