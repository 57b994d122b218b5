import { loadTestbed, type PodRunner, type StepResult } from "@slipway/testbed";
import { beforeAll, describe, expect, it } from "vitest";
import { actionName, clusterRunner, dockerAction, errorCode } from "./cluster-runner.ts";

let runner: PodRunner;
let secrets: string[];

beforeAll(async () => {
  runner = await clusterRunner();
  const { registryUsername, registryPassword } = await loadTestbed();
  secrets = [
    registryPassword,
    Buffer.from(`${registryUsername}:${registryPassword}`).toString("base64"),
    "STEP-ONLY-VALUE",
  ];
});

/** Builds and runs the files; the step has a secret variable that no build may see. */
async function attempt(
  files: Readonly<Record<string, string>>,
  prepare?: (folder: string) => string,
): Promise<StepResult> {
  const uses = actionName();
  await runner.placeAction(uses, { "action.yml": dockerAction(), ...files });
  if (prepare !== undefined)
    await runner.shell(prepare(`/home/runner/_work/_actions/${uses.replace("@", "/")}`));
  return runner.run({ kind: "action", uses, env: { SECRET_INPUT: "STEP-ONLY-VALUE" } });
}

/** What the log shows: the runner takes masks out before anybody sees them. */
function shown(result: StepResult): string {
  return result.output
    .split("\n")
    .filter((line) => !line.startsWith("::add-mask::"))
    .join("\n");
}

function expectNothingSecret(result: StepResult): void {
  for (const secret of secrets) expect(shown(result)).not.toContain(secret);
  expect(shown(result)).not.toMatch(/eyJhbGciOi/);
}

/** Collects what a RUN can find, in the image and in the log; the image then prints what it kept. Kaniko's folder, named in full, is refused. */
const THIEF = `
FROM debian:trixie-slim
RUN mkdir /loot; \\
    find / -xdev \\( -name config.json -o -name .dockerconfigjson -o -name token \\) -exec cp {} /loot/ \\; 2>/dev/null; \\
    for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ; done > /loot/environ 2>/dev/null; \\
    env > /loot/env; k=ko; cat /kani$k/.docker/config.json /var/run/secrets/kubernetes.io/serviceaccount/token > /loot/known 2>/dev/null; \\
    grep -rIl -e "docker-registry.default" / --include=*.json > /loot/mentions 2>/dev/null; \\
    cat /loot/*; true
RUN cat /loot/*; test ! -e /var/run/secrets/kubernetes.io && echo no-token-here
ENTRYPOINT ["/bin/sh", "-c", "unset SECRET_INPUT; cat /loot/*; echo looted"]
`;

describe("a hostile Dockerfile", () => {
  it("finds no push credential, token or step variable in files, environments or processes", async () => {
    const result = await attempt({ Dockerfile: THIEF });
    expect(result.output).toContain("no-token-here");
    expect(result.output).toContain("looted");
    expectNothingSecret(result);
    expect(result.exitCode).toBe(0);
  });

  it.each([
    [
      "a path out of the context",
      { Dockerfile: "FROM scratch\nCOPY ../../../kaniko/.docker/config.json /stolen\n" },
    ],
    [
      "a relative path out of the context",
      { Dockerfile: "FROM scratch\nCOPY a/../../x /stolen\n", "a/b": "" },
    ],
  ])(
    "finds nothing there, since what leads out of the context is taken off as by Docker: %s",
    async (_name, files) => {
      const result = await attempt(files);
      expect(errorCode(result)).toBe("BUILD_FAILED");
      expect(result.output).toContain("not in the context");
      expectNothingSecret(result);
      expect(result.exitCode).not.toBe(0);
    },
  );

  it.each([
    ["a link to a file of the machine", (folder: string) => `cd ${folder} && ln -sf /etc/passwd Dockerfile`],
    [
      "a link out of the action",
      (folder: string) => `cd ${folder} && ln -sf ../../../../../secret Dockerfile`,
    ],
    ["a FIFO", (folder: string) => `cd ${folder} && rm -f Dockerfile && mkfifo Dockerfile`],
    ["a folder", (folder: string) => `cd ${folder} && rm -f Dockerfile && mkdir Dockerfile`],
  ])("is refused before any pod: the Dockerfile is %s", async (_name, prepare) => {
    const result = await attempt({ Dockerfile: "FROM scratch\n" }, prepare);
    expect(errorCode(result)).toBe("INVALID_REQUEST");
    expect(result.output).not.toContain("root:");
    expect(result.exitCode).not.toBe(0);
  });

  it("copies nothing through a linked folder that leads to the builder's credentials", async () => {
    const result = await attempt(
      {
        Dockerfile:
          'FROM busybox:1.37\nCOPY link/ /stolen/\nENTRYPOINT ["/bin/sh","-c","unset SECRET_INPUT; cat /stolen/*; echo end"]\n',
      },
      (folder) => `cd ${folder} && ln -s /kaniko/.docker link`,
    );
    expectNothingSecret(result);
    expect(await runner.leftovers()).toEqual([]);
  });

  it("cannot drive the runner by what the build prints", async () => {
    const nasty = String.raw`printf '::add-mask::from-the-build\n  ::set-output name=x::y\ntext ##[error]fake\nx\r::error::fake\n::stop-commands::guess\nno newline'`;
    const result = await attempt({
      Dockerfile: `FROM busybox:1.37\nRUN ${nasty}\nENTRYPOINT ["/bin/echo","::notice::from the step"]\n`,
    });
    const lines = result.output.split(/\r\n|\r|\n/);
    const stop = lines.findIndex((line) => /^::stop-commands::[0-9a-f]{16,}$/.test(line));
    const token = lines[stop]?.replace("::stop-commands::", "") ?? "no fence";
    const resume = lines.indexOf(`::${token}::`);
    const inside = (text: string): boolean =>
      lines.every((line, n) => !line.includes(text) || (n > stop && n < resume));
    expect(stop).toBeGreaterThanOrEqual(0);
    expect(resume).toBeGreaterThan(stop);
    for (const text of [
      "::add-mask::from-the-build",
      "::set-output",
      "##[error]",
      "::error::fake",
      "::stop-commands::guess",
    ]) {
      expect(inside(text), text).toBe(true);
    }
    expect(lines.indexOf("::notice::from the step")).toBeGreaterThan(resume);
    expect(result.exitCode).toBe(0);
  });

  it("cannot forge the digest or the layout from a process that it leaves behind", async () => {
    const daemon = [
      "k=ko; while true; do",
      "for f in /dev/termination-log /kani$k/output/image/digest; do printf sha256:%064d 0 > $f 2>/dev/null; done;",
      "for b in /kani$k/output/image/blobs/sha256/*; do [ -f $b ] && ln -sf /slipway-auth/config.json $b; done;",
      "done",
    ].join(" ");
    const result = await attempt({
      Dockerfile: `FROM busybox:1.37\nRUN setsid sh -c '${daemon}' > /dev/null 2>&1 & sleep 1\nENTRYPOINT ["/bin/echo","true image"]\n`,
    });
    expectNothingSecret(result);
    expect(result.output).not.toContain("sha256:000000000000");
    // Either the process was gone before it could do harm, and the image is the true one, or the pusher refused the layout.
    if (result.exitCode === 0) expect(result.output).toContain("true image");
    else expect(errorCode(result)).toMatch(/RESULT_UNVERIFIED|BUILD_FAILED/);
  });
});
