import { BuildError } from "@slipway/core";
import { ApiFailure } from "./api-failure.ts";
import type { ApiAnswer } from "./http-attempt.ts";
import { type Asked, statusFailure } from "./status-failure.ts";

/** There is no object of that name; any other 404 is a wrong address. */
export function isMissingObject(answer: ApiAnswer): boolean {
  return answer.status === 404 && answer.body.includes('"NotFound"');
}

/** What `get` and `create` are answered with. */
export function objectIn<T extends object>(answer: ApiAnswer, asked: Asked): T {
  const object = parsed(answer, asked);
  if (!isObject(object["metadata"])) throw foreignAnswer(asked);
  return object as T;
}

/** The body of a successful answer. An answer that ends early is as good as none. */
export function parsed(answer: ApiAnswer, asked: Asked): Readonly<Record<string, unknown>> {
  if (answer.status < 200 || answer.status > 299) throw statusFailure(answer, asked);
  let body: unknown;
  try {
    body = JSON.parse(answer.body.toString("utf8"));
  } catch (cause) {
    throw foreignAnswer(asked, cause);
  }
  if (isObject(body)) return body;
  throw foreignAnswer(asked);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A success that is none: the page of a proxy's login, or half of an object. */
export function foreignAnswer({ verb, resource }: Asked, cause?: unknown): ApiFailure {
  const message = `something other than the Kubernetes API answers ${verb} ${resource}, or only half of its answer arrives`;
  const remedy = "Check the server address, and look at proxies between the runner and the API server";
  return new ApiFailure(new BuildError("CLUSTER_UNAVAILABLE", message, { remedy, cause }), "retry");
}
