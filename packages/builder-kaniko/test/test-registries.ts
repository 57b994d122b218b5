import type { BuildBed } from "@slipway/kube/build-bed";
import { makeTestCertificate } from "@slipway/registry/testing";

export interface TlsRegistry {
  /** As pods name it. */
  readonly host: string;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
}

const PORT = 5000;

/** A registry whose certificate nobody knows. */
export async function startTlsRegistry(bed: BuildBed): Promise<TlsRegistry> {
  const name = "tls-registry";
  const host = `${name}.${bed.namespace}.svc.cluster.local`;
  const authority = makeTestCertificate({ name: "Test authority" });
  const { key, cert } = makeTestCertificate({ name: host, issuer: authority });
  const image = await bed.testbed.runKubectl([
    ...["-n", "default", "get", "deployment", "docker-registry"],
    ...["-o", "jsonpath={.spec.template.spec.containers[0].image}"],
  ]);
  const config = {
    version: "0.1",
    storage: { filesystem: { rootdirectory: "/var/lib/registry" } },
    http: { addr: `:${PORT}`, tls: { certificate: "/tls/tls.crt", key: "/tls/tls.key" } },
  };
  const files = { "tls.crt": cert, "tls.key": key, "config.json": JSON.stringify(config) };
  await startServer(bed, name, files, {
    image: image.trim(),
    imagePullPolicy: "IfNotPresent",
    args: ["serve", "/tls/config.json"],
    volumeMounts: [
      { name: "files", mountPath: "/tls" },
      { name: "data", mountPath: "/var/lib/registry" },
    ],
  });
  return { host: `${host}:${PORT}`, ca: authority.cert };
}

/** What the faulty registry does with requests, by the first part of the repository's name. */
const FAULTS = {
  /** Reads are answered, writes are not allowed. */
  readonly: "403 to writes",
  forbidden: "403",
  missing: "404",
  /** 429 three times, then as the registry behind it. */
  busy: "429, then well",
  down: "503",
  /** Never answers. */
  stalled: "nothing",
} as const;

export type FaultName = keyof typeof FAULTS;

/** Runs in the pod: faults by repository, everything else goes to the registry behind. */
const FAULTY_REGISTRY = `
const http = require("node:http");
const [behind, port] = process.argv.slice(1);
let refusals = 3;
const refuse = (response, status, code, headers = {}) => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ errors: [{ code, message: "said the faulty registry" }] }));
};
const faults = {
  readonly: (request, response) => ["GET", "HEAD"].includes(request.method) ? forward(request, response) : refuse(response, 403, "DENIED"),
  forbidden: (_request, response) => refuse(response, 403, "DENIED"),
  missing: (_request, response) => refuse(response, 404, "NAME_UNKNOWN"),
  busy: (request, response) => refusals-- > 0 ? refuse(response, 429, "TOOMANYREQUESTS", { "retry-after": "1" }) : forward(request, response),
  down: (_request, response) => refuse(response, 503, "UNAVAILABLE"),
  stalled: () => undefined,
};
function forward(request, response) {
  const { method, headers, url: path } = request;
  const onward = http.request({ host: behind, port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}
http.createServer((request, response) => (faults[request.url.split("/")[2]] ?? forward)(request, response)).listen(5000);
process.on("SIGTERM", () => process.exit());
`;

/** A registry before the one of base images that answers as `FAULTS` say. Returns its host, which speaks plain HTTP. */
export async function startFaultyRegistry(bed: BuildBed): Promise<string> {
  const name = "faulty-registry";
  const { agentImage, agentNode, mirrorHost } = bed.testbed;
  await startServer(
    bed,
    name,
    {},
    {
      image: agentImage,
      command: [agentNode, "-e", FAULTY_REGISTRY, ...mirrorHost.split(":")],
    },
  );
  return `${name}.${bed.namespace}.svc.cluster.local:${PORT}`;
}

/** A pod with one container, its files, and a Service of the same name; resolves when it answers connections. */
async function startServer(
  bed: BuildBed,
  name: string,
  stringData: Readonly<Record<string, string>>,
  container: object,
): Promise<void> {
  const metadata = { name, labels: { app: name } };
  await bed.apply(
    { apiVersion: "v1", kind: "Secret", metadata: { name }, stringData },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { app: name }, ports: [{ port: PORT }] },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 1,
        containers: [{ name, readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 }, ...container }],
        volumes: [
          { name: "files", secret: { secretName: name } },
          { name: "data", emptyDir: {} },
        ],
      },
    },
  );
  await bed.kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=120s");
}
