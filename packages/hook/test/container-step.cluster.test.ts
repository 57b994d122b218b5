import { loadTestbed, type PodRunner, startRunner } from "@slipway/testbed";
import { describe, expect, it } from "vitest";
import { actionName, dockerAction, HOOK_BUNDLE } from "./cluster-runner.ts";

describe.each([
  ["copied to the step's pod", "folder"],
  ["shared by its claim", "claim"],
] as const)("a container action on a real cluster, with the work folder %s", (_, work) => {
  const clusterRunner = async (): Promise<PodRunner> =>
    startRunner(await loadTestbed(), { pod: `slipway-container-step-${work}`, work, hook: HOOK_BUNDLE });

  it("is built, pushed, pulled and run; output, exit code, outputs and files come back; the image is used again", async () => {
    const runner = await clusterRunner();
    const uses = actionName();
    await runner.placeAction(uses, {
      "action.yml": dockerAction({
        args: ["two  words", "$(hostname)", "it's", 'say "hi"', ""],
        "post-entrypoint": "/post.sh",
      }),
      Dockerfile: [
        "FROM debian:trixie-slim",
        "RUN echo built-here > /etc/built",
        "COPY main.sh post.sh /",
        'ENTRYPOINT ["/main.sh"]',
      ].join("\n"),
      "main.sh": [
        "#!/bin/sh",
        "cat /etc/built",
        'for arg in "$@"; do echo "arg=[$arg]"; done',
        'echo "odd=[$ODD]"',
        'cat "$GITHUB_EVENT_PATH"; echo',
        'echo "answer=42" >> "$GITHUB_OUTPUT"',
        'echo changed > "$GITHUB_WORKSPACE/made-by-step.txt"',
        'rm "$GITHUB_WORKSPACE/to-delete.txt"',
        'ls "$RUNNER_TEMP/_runner_file_commands" > /dev/null && echo temp-is-there',
        "exit 7",
      ].join("\n"),
      "post.sh": '#!/bin/sh\necho post ran; cat "$GITHUB_WORKSPACE/made-by-step.txt"\n',
    });
    await runner.placeFiles("/home/runner/_work/hello-world/hello-world", {
      "to-delete.txt": "x",
      "stays.txt": "y",
    });
    const odd = "a 'b' \"c\" $(d) `e` \\ ünï\nsecond line";

    const main = await runner.run({ kind: "action", uses, env: { ODD: odd } });

    expect(main.output).toContain("built-here");
    expect(main.output).toContain("arg=[two words]");
    expect(main.output).toContain("arg=[$(hostname)]");
    expect(main.output).toContain("arg=[it's]");
    expect(main.output).toContain('arg=[say "hi"]');
    expect(main.output).toContain("arg=[]");
    expect(main.output).toContain(`odd=[${odd}]`);
    expect(main.output).toContain('{"action":"demo"}');
    expect(main.output).toContain("temp-is-there");
    expect(main.exitCode).toBe(7);
    expect(main.outputs).toEqual({ answer: "42" });
    expect(
      await runner.shell("cd /home/runner/_work/hello-world/hello-world && ls && cat made-by-step.txt"),
    ).toBe("made-by-step.txt\nstays.txt\nchanged\n");

    const post = await runner.run({ kind: "action", uses, stage: "post" });
    expect(post.output).toContain("post ran\nchanged");
    expect(post.output).not.toContain("Building");
    expect(post.exitCode).toBe(0);

    const cleanup = await runner.run({ kind: "cleanup" });
    expect(cleanup.exitCode).toBe(0);
    expect(await runner.leftovers()).toEqual([]);
  });

  it("needs no shell in the image, and lets any user write outputs", async () => {
    const runner = await clusterRunner();
    const uses = actionName();
    await runner.placeAction(uses, {
      "action.yml": dockerAction({
        args: ["sh", "-c", 'id -u; echo "who=me" >> "$GITHUB_OUTPUT"; echo x > "$GITHUB_WORKSPACE/owned"'],
      }),
      Dockerfile: [
        "FROM busybox:1.37 AS tools",
        "FROM scratch",
        "COPY --from=tools /bin/busybox /busybox",
        "USER 4711",
        'ENTRYPOINT ["/busybox"]',
      ].join("\n"),
    });
    await runner.shell("mkdir -p -m 0777 /home/runner/_work/hello-world/hello-world");
    const result = await runner.run({ kind: "action", uses });
    expect(result.output).toContain("4711");
    expect(result.outputs).toEqual({ who: "me" });
    expect(result.exitCode).toBe(0);
    // What comes back belongs to the runner; what is shared to who made it.
    const owner = await runner.shell("stat -c %u /home/runner/_work/hello-world/hello-world/owned");
    expect(owner).toBe(work === "claim" ? "4711\n" : "1001\n");
    expect(await runner.leftovers()).toEqual([]);
  });

  it("runs a ready image with the entry point that the action gives", async () => {
    const runner = await clusterRunner();
    const uses = actionName();
    await runner.placeAction(uses, {
      "action.yml": dockerAction({
        image: "docker://busybox:1.37",
        entrypoint: "/bin/echo",
        args: ["a  b", "*"],
      }),
    });
    const result = await runner.run({ kind: "action", uses });
    expect(result.output).toContain("a b *\n");
    expect(result.exitCode).toBe(0);
  });
});
