import { TEST_MTIME, type TestEntry, type TestImageRecipe } from "@slipway/registry/testing";

/** A capability as `setcap cap_net_raw+ep` writes it, with bytes above 0x7f. */
export const CAPABILITY = Buffer.from("0100000200200000000000000000000000000080", "hex");

export const BASE_LAYER: readonly TestEntry[] = [
  { name: "bin/", type: "folder" },
  { name: "bin/sh", content: "#!shell", mode: 0o755 },
  {
    name: "bin/ping",
    content: "ping",
    mode: 0o755,
    xattrs: { "security.capability": CAPABILITY, "user.note": Buffer.from("n") },
  },
  { name: "etc/", type: "folder" },
  { name: "etc/gone", content: "gone" },
  { name: "etc/passwd", content: "root:x:0:0" },
  { name: "dev/", type: "folder" },
  { name: "dev/null", type: "chardev", devMajor: 1, devMinor: 3, mode: 0o666 },
  { name: "tmp/", type: "folder", mode: 0o1777 },
  { name: "old/", type: "folder" },
  { name: "old/a", content: "a" },
  { name: "old/b", content: "b" },
];

export const OWN_LAYER: readonly TestEntry[] = [
  { name: "app/", type: "folder", uid: 1000, gid: 1000 },
  { name: "app/tool", content: "tool of seven", mode: 0o4755, uid: 1000, gid: 1000 },
  { name: "app/tool-2", type: "hardlink", linkName: "app/tool", mode: 0o4755, uid: 1000, gid: 1000 },
  { name: "app/empty" },
  { name: "app/now", type: "symlink", linkName: "releases/1" },
  { name: "app/pipe", type: "fifo", mode: 0o600 },
  { name: "app/caf\xe9", content: "latin1" },
  { name: "app/built", content: "built", mtime: TEST_MTIME * 2n },
  { name: "app/same-as-built", content: "built", mtime: TEST_MTIME * 2n },
  { name: "etc/.wh.gone" },
  { name: "old/", type: "folder" },
  { name: "old/.wh..wh..opq" },
  { name: "old/c", content: "c" },
];

/** Of one image: a change of anything in it must be found, and found as what it is. */
export const SUBJECT = {
  layers: [BASE_LAYER, OWN_LAYER],
  config: {
    variant: "v2",
    author: "someone",
    created: "2026-01-01T00:00:00Z",
    config: {
      User: "1000:1000",
      Env: ["PATH=/bin", "A=1", "B=2"],
      Cmd: ["serve", "--port", "80"],
      Entrypoint: ["/app/tool"],
      WorkingDir: "/app",
      Labels: { a: "1", b: "2" },
      ExposedPorts: { "80/tcp": {}, "53/udp": {} },
      Volumes: { "/data": {} },
      StopSignal: "SIGINT",
      Shell: ["/bin/sh", "-c"],
      OnBuild: ["RUN true"],
      Healthcheck: { Test: ["CMD", "true"], Interval: 30_000_000_000, Retries: 3 },
    },
  },
} as const satisfies TestImageRecipe;

/** The subject with the fields of `config.config` laid over. */
export function withConfig(fields: Readonly<Record<string, unknown>>): TestImageRecipe {
  return { ...SUBJECT, config: { ...SUBJECT.config, config: { ...SUBJECT.config.config, ...fields } } };
}

/** The subject with one entry of its own layer changed; undefined takes it out. */
export function withEntry(name: string, change: Partial<TestEntry> | undefined): TestImageRecipe {
  const layer = OWN_LAYER.flatMap((entry) =>
    entry.name !== name ? [entry] : change === undefined ? [] : [{ ...entry, ...change }],
  );
  return { ...SUBJECT, layers: [BASE_LAYER, layer] };
}

/** The subject with entries after those of its own layer. */
export function withMore(...entries: readonly TestEntry[]): TestImageRecipe {
  return { ...SUBJECT, layers: [BASE_LAYER, [...OWN_LAYER, ...entries]] };
}
