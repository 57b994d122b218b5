import { expect, it } from "vitest";
import { pullSecrets, secretsOfCredentials } from "./pull-secrets.ts";

const hub = { server: undefined, username: "mona", password: "pa:ss" };
const github = { server: "ghcr.io", username: "mona", password: "token" };

function configsOf(credentials: Parameters<typeof pullSecrets>[0]): unknown[] {
  const secrets = pullSecrets(credentials, { runnerPod: "arc", uid: "u" });
  return secrets.map(({ data }) =>
    JSON.parse(Buffer.from(data?.[".dockerconfigjson"] ?? "", "base64").toString("utf8")),
  );
}

it("makes one Secret for each credential, in docker's form", () => {
  expect(configsOf([hub, undefined, github, { ...hub }])).toEqual([
    {
      auths: {
        "https://index.docker.io/v1/": { username: "mona", password: "pa:ss", auth: "bW9uYTpwYTpzcw==" },
      },
    },
    { auths: { "ghcr.io": { username: "mona", password: "token", auth: "bW9uYTp0b2tlbg==" } } },
  ]);
});

it("makes none where there is no credential", () => {
  expect(configsOf([undefined])).toEqual([]);
});

it("labels and names them for the runner", () => {
  const [secret] = pullSecrets([hub], { runnerPod: "arc", uid: "u" });
  expect(secret?.metadata).toMatchObject({
    name: expect.stringMatching(/^arc-secret-[0-9a-f]{8}$/),
    labels: { "runner-pod": "arc" },
    ownerReferences: [{ uid: "u" }],
  });
});

it("knows what must not be printed: passwords, and what the Secret has of them", () => {
  expect(secretsOfCredentials([hub, undefined, hub, { ...github, password: "" }])).toEqual([
    "pa:ss",
    "bW9uYTpwYTpzcw==",
    "bW9uYTo=",
  ]);
});
