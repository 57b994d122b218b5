// In a runner pod of the bench: JSON of CallRequest on stdin, of CallResult on stdout.
import { text } from "node:stream/consumers";
import { callHook } from "./call-hook.ts";
import type { CallRequest } from "./call-request.ts";
import { fillFolder } from "./fill-folder.ts";

const request = JSON.parse(await text(process.stdin)) as CallRequest;
if (request.kind === "fill") fillFolder(request);
else {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "" } = process.env;
  process.stdout.write(JSON.stringify(await callHook(request, process.env, { host, port })));
}
