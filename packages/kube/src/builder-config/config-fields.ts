import * as v from "valibot";

/** `host[:port]` of a registry. */
export const registryHost = v.pipe(v.string(), v.regex(/^[A-Za-z0-9.-]+(:\d{1,5})?$/, "is not host[:port]"));

/** `host[:port]` of a registry, perhaps with a path below which its repositories are. */
export const registryPath = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9.-]+(:\d{1,5})?(\/[a-z0-9._/-]+)?$/, "is not host[:port][/path]"),
);

export const imageName = v.pipe(v.string(), v.regex(/^\S+$/, "is not an image name"));

export const secretName = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "is not the name of a Secret"),
);

/** As Kubernetes writes it (Kubernetes documentation, "Resource units"). */
export const quantity = v.pipe(
  v.string(),
  v.regex(/^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, "is not a quantity such as 2Gi"),
);

const quantities = v.record(v.string(), quantity);

/** Requests and limits of a container. */
export const resources = v.strictObject({
  requests: v.optional(quantities),
  limits: v.optional(quantities),
});
