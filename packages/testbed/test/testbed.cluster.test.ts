import { beforeAll, describe, expect, it } from "vitest";
import { loadTestbed, type Testbed } from "../src/index.ts";

let testbed: Testbed;
beforeAll(async () => {
  testbed = await loadTestbed();
});

/** A pod's result: its last line of output, with the pod gone. */
async function runPod(name: string, image: string, command: readonly string[]): Promise<string> {
  const where = ["-n", testbed.namespace];
  const args = ["run", name, `--image=${image}`, "--restart=Never", "--command", "--", ...command];
  await testbed.runKubectl([...where, ...args]);
  try {
    await testbed.runKubectl([
      ...where,
      "wait",
      `pod/${name}`,
      "--for=jsonpath={.status.phase}=Succeeded",
      "--timeout=90s",
    ]);
    return (await testbed.runKubectl([...where, "logs", name])).trim();
  } finally {
    await testbed.runKubectl([...where, "delete", "pod", name, "--now"]);
  }
}

describe("registry", () => {
  it("asks for a password, and takes the one of the Secret", async () => {
    const open = await fetch(`${testbed.registryUrl}/v2/`);
    const basic = Buffer.from(`${testbed.registryUsername}:${testbed.registryPassword}`).toString("base64");
    const known = await fetch(`${testbed.registryUrl}/v2/`, { headers: { authorization: `Basic ${basic}` } });
    expect([open.status, known.status]).toEqual([401, 200]);
  });

  it("has an entry for both of its names in the Secret", async () => {
    const path = "jsonpath={.data.\\.dockerconfigjson}";
    const data = await testbed.runKubectl([
      "-n",
      testbed.namespace,
      "get",
      "secret",
      testbed.registrySecret,
      "-o",
      path,
    ]);
    const { auths } = JSON.parse(Buffer.from(data, "base64").toString("utf8")) as {
      auths: Record<string, { password: string }>;
    };
    expect(Object.keys(auths)).toEqual([testbed.pushHost, testbed.pullHost]);
    expect(auths[testbed.pushHost]?.password).toBe(testbed.registryPassword);
  });

  it("is found by its Service name from a pod", async () => {
    const url = `http://${testbed.pushHost}/v2/`;
    const { stdout } = await testbed.execInRunner([
      testbed.agentNode,
      "-p",
      `fetch("${url}").then(({ status }) => console.log(status)), ""`,
    ]);
    expect(stdout.trim()).toBe("401");
  });
});

describe("kubelet", () => {
  it.each([
    ["busybox:1.37", ["busybox", "sh", "-c", "echo $((6 * 7))"], "42"],
    ["debian:trixie-slim", ["sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME"], "trixie"],
  ])("pulls %s by the name that people write", async (image, command, output) => {
    expect(await runPod(`testbed-${image.replaceAll(/[^a-z0-9]/g, "-")}`, image, command)).toBe(output);
  });
});

describe("pods", () => {
  it("install Debian packages", async () => {
    const script = "cd /tmp && apt-get -qq update && apt-get -qq install hello > log 2>&1 && hello";
    expect(await runPod("testbed-apt", "debian:trixie-slim", ["sh", "-c", script])).toBe("Hello, world!");
  });

  it("have a Docker of the version that is told", async () => {
    const printed = await runPod("testbed-docker", testbed.dindImage, ["dockerd", "--version"]);
    expect(printed).toContain(`Docker version ${testbed.dindVersion}`);
  });
});

describe("service accounts", () => {
  const rules = [
    ["create", "pods", true, true],
    ["create", "pods/exec", true, true],
    ["watch", "pods/log", true, true],
    ["delete", "secrets", true, true],
    ["create", "jobs.batch", true, false],
    ["watch", "pods", false, false],
    ["update", "pods", false, false],
    ["create", "configmaps", false, false],
    ["list", "nodes", false, false],
  ] as const;

  it.each(rules)("may %s %s: kubernetes %s, novolume %s", async (verb, resource, kubernetes, novolume) => {
    const { serviceAccounts, namespace } = testbed;
    const may = async (account: string): Promise<boolean> => {
      const as = `--as=system:serviceaccount:${namespace}:${account}`;
      const [type, subresource] = resource.split("/");
      const args = [
        "-n",
        namespace,
        "auth",
        "can-i",
        verb,
        type ?? "",
        as,
        ...(subresource === undefined ? [] : [`--subresource=${subresource}`]),
      ];
      // kubectl ends with 1 for "no": the answer is what it prints.
      return testbed.runKubectl(args).then(
        (text) => text.trim() === "yes",
        () => false,
      );
    };
    expect([await may(serviceAccounts.kubernetes), await may(serviceAccounts.novolume)]).toEqual([
      kubernetes,
      novolume,
    ]);
  });
});

describe("namespace of the runners", () => {
  it("refuses a privileged pod by Pod Security baseline", async () => {
    const overrides = JSON.stringify({
      spec: { containers: [{ name: "x", image: "busybox:1.37", securityContext: { privileged: true } }] },
    });
    const args = [
      "-n",
      testbed.namespace,
      "run",
      "testbed-privileged",
      "--image=busybox:1.37",
      `--overrides=${overrides}`,
    ];
    await expect(testbed.runKubectl(args)).rejects.toThrow(
      /violates PodSecurity "baseline:latest": privileged/,
    );
  });
});

describe("runner pod", () => {
  it("runs Node 20 as user 1001, with its pod's name and stdin that ends", async () => {
    const script =
      "process.stdin.on('data', (d) => console.log(String(d))).on('end', () => console.log(process.getuid(), process.version, process.env.ACTIONS_RUNNER_POD_NAME))";
    const { code, stdout } = await testbed.execInRunner([testbed.agentNode, "-e", script], {
      input: '{"command":"x"}',
    });
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^\{"command":"x"\}\n1001 v20\.\d+\.\d+ slipway-runner\n$/),
    ]);
  });

  it("takes a file as it is, and more runner pods can be made", async () => {
    const name = "testbed-second-runner";
    await testbed.createRunnerPod({ name, serviceAccount: testbed.serviceAccounts.novolume });
    try {
      const content = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await testbed.copyToRunner(content, "/home/runner/some folder/file", { pod: name });
      const { stdout } = await testbed.execInRunner(["base64", "-w0", "/home/runner/some folder/file"], {
        pod: name,
      });
      expect(stdout).toBe(content.toString("base64"));
    } finally {
      await testbed.runKubectl(["-n", testbed.namespace, "delete", "pod", name, "--now"]);
    }
  });
});
