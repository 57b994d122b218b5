import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CORPUS_FOLDER } from "@slipway/conformance";
import { containerState, literal, type ObjectOf, waitForPod } from "@slipway/kube";
import type { Testbed } from "@slipway/testbed";
import type { TestNamespace } from "./test-namespace.ts";

const NAME = "files";
const PORT = 8080;
/** Plain HTTP without listings; a time of change that stays the same, since ADD keeps it. */
const PROGRAM = `
const { createServer } = require("node:http");
const { readFile } = require("node:fs/promises");
createServer(async (request, response) => {
  try {
    const { pathname } = new URL(request.url, "http://files");
    const body = await readFile("/files" + decodeURIComponent(pathname).replaceAll("..", ""));
    response.writeHead(200, { "content-length": body.length, "last-modified": "Tue, 02 Jan 2024 03:04:05 GMT" });
    response.end(request.method === "HEAD" ? undefined : body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(${PORT});
`;

/** Starts a pod that serves the corpus' folder `_served`; returns its URL, which ends without a slash. */
export async function startFileServer(
  { api }: TestNamespace,
  { agentImage, agentNode }: Testbed,
): Promise<string> {
  const files = await servedFiles(join(CORPUS_FOLDER, "_served"));
  await api.create("secrets", {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: NAME },
    data: Object.fromEntries(files.map(({ base64 }, index) => [`file-${index}`, base64])),
  });
  await api.create("pods", serverPod(files, agentImage, agentNode));
  const pod = await waitForPod(api, NAME, {
    until: (seen) => containerState(seen, NAME)?.running !== undefined && seen.status?.podIP !== undefined,
    timeoutMs: 120_000,
  });
  return `http://${pod.status?.podIP}:${PORT}`;
}

interface ServedFile {
  readonly path: string;
  readonly base64: string;
}

async function servedFiles(folder: string): Promise<readonly ServedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.sort().map(async (path) => ({
      path: path.slice(folder.length + 1),
      base64: await readFile(path, "base64"),
    })),
  );
}

function serverPod(files: readonly ServedFile[], image: string, node: string): ObjectOf["pods"] {
  const items = files.map(({ path }, index) => ({ key: `file-${index}`, path }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: NAME },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: NAME,
          image,
          command: [node, "-e", literal(PROGRAM)],
          readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
          volumeMounts: [{ name: NAME, mountPath: "/files", readOnly: true }],
        },
      ],
      volumes: [{ name: NAME, secret: { secretName: NAME, items } }],
    },
  };
}
