import { BuildError, parseDockerfile } from "@slipway/core";

/** Throws INVALID_REQUEST, with the line, for a secret without which RUN fails: a request gives none, so that Docker fails as well. */
export function assertNoSecretRequired(dockerfile: string): void {
  const run = parseDockerfile(dockerfile).instructions.find(
    ({ keyword, flags }) =>
      keyword === "RUN" && flags.some(({ name, value }) => name === "mount" && isRequired(value ?? "")),
  );
  if (run === undefined) return;
  const line = run.startLine;
  throw new BuildError(
    "INVALID_REQUEST",
    `Line ${line} of the Dockerfile requires a secret, and a request cannot give one`,
    { remedy: "Take off required=true, or get along without the secret", details: { line } },
  );
}

function isRequired(mount: string): boolean {
  const fields = mount.toLowerCase().split(",");
  return fields.includes("type=secret") && fields.some((field) => /^required(?:=(?:1|t|true))?$/.test(field));
}
