import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readImageFacts, resolveDigest } from "./resolve-digest.ts";
import { MemoryRegistry, TestClock } from "./testing/index.ts";

const OCI = "application/vnd.oci.image";

let registry: MemoryRegistry;
beforeEach(async () => {
  registry = await MemoryRegistry.start();
});
afterEach(() => registry.stop());

const options = () => ({ trust: { plainHttp: [registry.host] }, clock: new TestClock() });

function addImage(architecture: string, tag?: string) {
  const config = Buffer.from(
    JSON.stringify({ os: "linux", architecture, config: { Cmd: [architecture], User: "1000" } }),
  );
  const descriptor = {
    mediaType: `${OCI}.config.v1+json`,
    digest: registry.store.addBlob("a/b", config),
    size: config.length,
  };
  const manifest = { schemaVersion: 2, config: descriptor, layers: [] };
  const digest = registry.store.addManifest("a/b", tag, manifest, `${OCI}.manifest.v1+json`);
  return { mediaType: `${OCI}.manifest.v1+json`, digest, size: JSON.stringify(manifest).length };
}

describe("resolveDigest", () => {
  test("finds what a tag and a digest name", async () => {
    const { digest } = addImage("amd64", "1");
    expect(await resolveDigest(`${registry.host}/a/b:1`, options())).toBe(digest);
    expect(await resolveDigest(`${registry.host}/a/b@${digest}`, options())).toBe(digest);
    expect(await resolveDigest(`${registry.host}/a/b:2`, options())).toBeUndefined();
  });

  test("reads the manifest where the registry sends no digest", async () => {
    const { digest } = addImage("amd64", "1");
    registry.faults = ({ method }) => (method === "HEAD" ? { kind: "status", status: 200 } : undefined);
    expect(await resolveDigest(`${registry.host}/a/b:1`, options())).toBe(digest);
  });

  test("says unreachable where no connection can be made, and nowhere else", async () => {
    expect(await resolveDigest("registry.invalid/a/b:1", options())).toBe("unreachable");
    registry.faults = () => ({ kind: "status", status: 503 });
    await expect(resolveDigest(`${registry.host}/a/b:1`, options())).rejects.toMatchObject({
      code: "REGISTRY_UNAVAILABLE",
    });
    await registry.stop();
    expect(await resolveDigest(`${registry.host}/a/b:1`, options())).toBe("unreachable");
  });
});

describe("readImageFacts", () => {
  test("reads the config of an image", async () => {
    addImage("arm64", "1");
    expect(await readImageFacts(`${registry.host}/a/b:1`, options())).toMatchObject({
      architecture: "arm64",
      cmd: ["arm64"],
      user: "1000",
    });
  });

  test.each([
    ["linux/amd64", "amd64"],
    ["linux/arm64", "arm64"],
    ["linux/arm64/v8", "arm64"],
  ])("follows an index to %s", async (platform, expected) => {
    addIndex();
    const facts = await readImageFacts(`${registry.host}/a/b:1`, { ...options(), platform });
    expect(facts.architecture).toBe(expected);
  });

  test.each([
    ["a platform that is not there", "a/b:1", "linux/s390x", "no variant for linux/s390x"],
    ["a tag that is not there", "a/b:9", "linux/amd64", "does not have it"],
    ["something else", "a/b:text", "linux/amd64", "media type"],
  ])("%s is IMAGE_UNAVAILABLE", async (_name, image, platform, message) => {
    addIndex();
    registry.store.addManifest("a/b", "text", {}, "text/plain");
    await expect(
      readImageFacts(`${registry.host}/${image}`, { ...options(), platform }),
    ).rejects.toMatchObject({
      code: "IMAGE_UNAVAILABLE",
      message: expect.stringContaining(message),
    });
  });
});

function addIndex(): void {
  const manifests = [
    { ...addImage("amd64"), platform: { os: "linux", architecture: "amd64" } },
    { ...addImage("arm64"), platform: { os: "linux", architecture: "arm64", variant: "v8" } },
    { ...addImage("none"), platform: { os: "unknown", architecture: "unknown" } },
  ];
  registry.store.addManifest("a/b", "1", { schemaVersion: 2, manifests }, `${OCI}.index.v1+json`);
}
