import { randomBytes } from "node:crypto";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BuildBed, PULL_SECRET } from "@slipway/kube/build-bed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kanikoBed } from "./kaniko-bed.ts";

let bed: BuildBed;

beforeAll(async () => {
  bed = await kanikoBed();
});

afterAll(async () => {
  await bed.remove();
});

/** What a top layer has of the folder into which the context was copied. */
async function copied(reference: string): Promise<readonly string[]> {
  const lines = await bed.images.listing(reference);
  return lines.filter((line) => line.includes(" ctx/"));
}

describe.concurrent("a build with Kaniko", () => {
  afterAll(async () => {
    expect(await bed.leftovers()).toBe("");
  });

  it("passes build arguments exactly, stops at the target, sets labels, and pushes one digest to every destination", async () => {
    const odd = `two  words 'single' "double" $(hostname) $HOME \${PATH} \`id\` \\ ünï, a=b;c`;
    const destinations = [bed.destination(), bed.destination()] as const;
    const { digest, references, facts } = await bed.build({
      files: {
        Dockerfile: [
          "FROM busybox:1.37 AS base",
          "ARG ODD",
          "ARG UNSET=default",
          "RUN printf '%s' \"$ODD\" > /odd && printf '%s' \"$UNSET\" > /unset",
          "FROM base AS wanted",
          "COPY --from=base /odd /unset /kept/",
          "WORKDIR /kept",
          "USER 4711:12",
          'ENTRYPOINT ["/bin/cat"]',
          'CMD ["odd", "$(x)"]',
          "FROM base AS never",
          "RUN exit 1",
        ].join("\n"),
      },
      request: {
        destinations,
        target: "wanted",
        buildArgs: { ODD: odd },
        labels: { "org.example.note": odd, empty: "" },
      },
    });

    expect(references).toEqual(destinations.map((name) => name.replace(/:1$/, `@${digest}`)));
    for (const name of destinations) expect(await bed.images.digest(name)).toBe(digest);
    expect(facts).toEqual({
      os: "linux",
      architecture: process.arch === "arm64" ? "arm64" : "amd64",
      entrypoint: ["/bin/cat"],
      cmd: ["odd", "$(x)"],
      user: "4711:12",
      workingDir: "/kept",
    });
    expect(await bed.images.facts(destinations[0])).toEqual(facts);
    expect((await bed.images.config(destinations[1])).Labels).toMatchObject({
      "org.example.note": odd,
      empty: "",
    });
    expect(await bed.images.file(destinations[0], "kept/odd")).toBe(odd);
  });

  const CONTEXT = { "a.txt": "a", "b.log": "b", "keep.log": "k", "sub/c.log": "c", "sub/d.txt": "d" };
  const COPY_ALL = "FROM scratch\nCOPY . /ctx/\n";

  it.each([
    [
      ".dockerignore, with an exception",
      {
        Dockerfile: COPY_ALL,
        ".dockerignore": "# note\n*.log\n**/*.log\n!keep.log\nDockerfile\n.dockerignore\n",
      },
      ["-rw-r--r-- ctx/a.txt", "-rw-r--r-- ctx/keep.log", "-rw-r--r-- ctx/sub/d.txt", "drwxr-xr-x ctx/sub/"],
    ],
    [
      "the Dockerfile's own, instead of .dockerignore",
      {
        Dockerfile: COPY_ALL,
        ".dockerignore": "a.txt\n",
        "Dockerfile.dockerignore": "*\n!a.txt\n!sub/c.log\n",
      },
      ["-rw-r--r-- ctx/a.txt", "-rw-r--r-- ctx/sub/c.log", "drwxr-xr-x ctx/sub/"],
    ],
  ])("sends what is not ignored: %s", async (_name, files, expected) => {
    const { references } = await bed.build({ files: { ...CONTEXT, ...files } });
    const entries = await copied(references[0] ?? "");
    expect(entries.filter((line) => !line.endsWith(" ctx/"))).toEqual(expected);
  });

  it("keeps modes, links and empty folders of the context", async () => {
    const { references } = await bed.build({
      files: {
        Dockerfile: "FROM scratch\nCOPY tree /ctx/\n",
        "tree/run.sh": "#!/bin/sh\n",
        "tree/private": "x",
      },
      prepare: async (folder) => {
        const tree = join(folder, "tree");
        await chmod(join(tree, "run.sh"), 0o755);
        await chmod(join(tree, "private"), 0o600);
        await mkdir(join(tree, "empty"));
        await chmod(join(tree, "empty"), 0o711);
        await symlink("run.sh", join(tree, "link"));
        await symlink("/no/such/file", join(tree, "dangling"));
      },
    });
    const entries = await copied(references[0] ?? "");
    expect(entries.filter((line) => !line.endsWith(" ctx/"))).toEqual([
      "-rw------- ctx/private",
      "-rwxr-xr-x ctx/run.sh",
      "drwx--x--x ctx/empty/",
      "lrwxrwxrwx ctx/dangling -> /no/such/file",
      "lrwxrwxrwx ctx/link -> run.sh",
    ]);
  });

  it("runs here-documents as Docker does: translated, so that only the shell of the step expands them", async () => {
    const { references, log } = await bed.build({
      files: {
        Dockerfile: [
          "FROM busybox:1.37",
          "ARG WHO=me",
          "RUN <<EOF",
          "name='single'",
          `printf '%s\\n' "$name" "\${WHO}" "a\\\\b" '$name' > /out`,
          "cat <<INNER >> /out",
          "inner $name",
          "INNER",
          "EOF",
        ].join("\n"),
      },
    });
    expect(await bed.images.file(references[0] ?? "", "out"), log).toBe(
      "single\nme\na\\b\n$name\ninner single\n",
    );
  });

  it("fails with the exit code and the instruction", async () => {
    const failed = bed.build({ files: { Dockerfile: "FROM busybox:1.37\nRUN echo seen; exit 7\n" } });
    await expect(failed).rejects.toMatchObject({
      code: "BUILD_FAILED",
      message: expect.stringMatching(/^RUN echo seen; exit 7 \(line 2\) failed: exit code 7/),
      details: { exitCode: 7, line: 2 },
    });
  });

  it("tells of a volume that is too small, and does not try again in vain", async () => {
    const failed = bed.build({
      files: { Dockerfile: "FROM busybox:1.37\nRUN sleep 90\n" },
      prepare: (folder) => writeFile(join(folder, "big"), randomBytes(8_000_000)),
      limits: { inputSize: "4Mi" },
    });
    await expect(failed).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      message: expect.stringMatching(/"input" exceeds the limit "4Mi"/),
    });
  });
});

describe("a quota that is used up", () => {
  const used = { Dockerfile: "FROM scratch\nCOPY Dockerfile /\n" };

  beforeAll(async () => {
    const spec = { hard: { pods: "0" } };
    await bed.apply({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "no-pods" }, spec });
    // Until the controller has counted, the API server refuses nothing.
    await bed.kubectl(
      "wait",
      "--for=jsonpath={.status.hard.pods}=0",
      "resourcequota/no-pods",
      "--timeout=60s",
    );
  });

  afterAll(async () => {
    await bed.kubectl("delete", "resourcequota", "no-pods", "--ignore-not-found");
  });

  it("is told, with the quota's name", async () => {
    await expect(bed.build({ files: used, patienceMs: 2_000 })).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      message: expect.stringMatching(/exceeded quota: no-pods/),
      remedy: expect.stringMatching(/ResourceQuota/),
    });
    expect(await bed.leftovers()).toBe("");
  });

  it("is waited for", async () => {
    const free = () => bed.kubectl("delete", "resourcequota", "no-pods");
    let freed: Promise<unknown> | undefined;
    const built = bed.build({
      files: used,
      onEvent: (event) => {
        if (event.type === "phase" && event.phase === "prepare") freed ??= free();
      },
    });
    expect((await built).digest).toMatch(/^sha256:/);
    await freed;
  });
});

describe("a base image in a private registry", () => {
  let base: string;

  beforeAll(async () => {
    base = `${bed.testbed.pushHost}/private/${bed.namespace}:1`;
    await bed.build({
      files: { Dockerfile: "FROM scratch\nCOPY marker /\n", marker: "from the private base" },
      request: { destinations: [base] },
    });
  });

  it("is pulled with the Secret for pulling alone; nothing about pushing is needed for it", async () => {
    const { references, facts } = await bed.build({
      files: { Dockerfile: `FROM ${base} AS base\nFROM scratch\nCOPY --from=base /marker /ctx/\n` },
      config: { pullSecretName: PULL_SECRET },
      // The registry of base images takes everything from everybody.
      request: { destinations: [bed.destination(bed.testbed.mirrorHost)] },
      secret: null,
    });
    expect(await bed.images.file(references[0] ?? "", "ctx/marker")).toBe("from the private base");
    expect(facts?.os).toBe("linux");
  });

  it("is refused without it, although the pod has the Secret for pushing", async () => {
    const failed = bed.build({ files: { Dockerfile: `FROM ${base}\n` } });
    await expect(failed).rejects.toMatchObject({
      code: "BASE_IMAGE_UNAVAILABLE",
      message: expect.stringMatching(/private\/.* of line 1 cannot be pulled/),
      remedy: expect.stringMatching(/pullSecretName/),
    });
    expect(await bed.leftovers()).toBe("");
  });
});
