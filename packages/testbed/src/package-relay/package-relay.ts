import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { debianFile } from "./debian-path.ts";
import type { PackageCache } from "./package-cache.ts";

/** Stands where Debian's mirrors are for pods that have no way to the world: the files are Debian's own, and signed by it. */
export function packageRelay(cache: PackageCache, onError: (error: unknown) => void): Server {
  return createServer((request, response) => {
    answer(request, response, cache).catch((error: unknown) => {
      onError(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
  });
}

async function answer(
  { method = "", headers, url }: IncomingMessage,
  response: ServerResponse,
  cache: PackageCache,
): Promise<void> {
  const file = debianFile(headers.host, url);
  if (!["GET", "HEAD"].includes(method) || file === undefined) return void response.writeHead(403).end();
  const path = await cache.get(file);
  if (path === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { "content-length": (await stat(path)).size });
  if (method === "HEAD") return void response.end();
  await pipeline(createReadStream(path), response);
}
