import type { Feature } from "./features.ts";
import type { BuildRequest } from "./image-builder.ts";

/** What a builder must have to honour the request in full, whatever the Dockerfile says. */
export function requestFeatures(request: BuildRequest): readonly Feature[] {
  const needs: readonly (readonly [Feature, boolean])[] = [
    ["build-args", !isEmpty(request.buildArgs)],
    ["labels", !isEmpty(request.labels)],
    ["target", request.target !== undefined],
    ["platform", request.platform !== undefined],
    // BuildKit's other way to name a frontend (Dockerfile reference, "syntax").
    ["syntax-frontend", Object.hasOwn(request.buildArgs ?? {}, "BUILDKIT_SYNTAX")],
  ];
  return needs.filter(([, needed]) => needed).map(([feature]) => feature);
}

function isEmpty(record: object | undefined): boolean {
  return record === undefined || Object.keys(record).length === 0;
}
