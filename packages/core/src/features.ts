/**
 * The closed list of things that a builder may or may not do. What every builder must do (FROM, RUN, COPY, ENV, …)
 * has no name here. Links lead to the Dockerfile reference, docs.docker.com/reference/dockerfile.
 */
export const FEATURES = {
  "build-args": "ARG values from the request reach the Dockerfile",
  labels: "labels from the request are on the image",
  target: "the build stops at the requested stage",
  platform: "the image is for the requested platform",
  "syntax-frontend": "`# syntax=` names a frontend other than docker/dockerfile",
  "from-platform": "FROM --platform: a stage for another platform",
  "run-heredoc": "RUN <<EOF: the body is run by the shell, or by its own `#!` line",
  "copy-heredoc": "COPY <<EOF or ADD <<EOF: a file written in the Dockerfile",
  "run-mount-bind": "RUN --mount=type=bind from the context",
  "run-mount-bind-from": "RUN --mount=type=bind,from=: from another stage or image",
  "run-mount-cache":
    "RUN --mount=type=cache: a folder kept from build to build, or at least not in the image",
  "run-mount-cache-options": "RUN --mount=type=cache with from=, source=, sharing= or ro",
  "run-mount-tmpfs": "RUN --mount=type=tmpfs",
  "run-mount-secret": "RUN --mount=type=secret, whose secret no request gives",
  "run-mount-ssh": "RUN --mount=type=ssh, whose agent no request gives",
  "run-network": "RUN --network: none or host for one instruction",
  "run-security": "RUN --security",
  "run-device": "RUN --device",
  "copy-parents": "COPY --parents: keeps the folders of the source",
  "copy-exclude": "COPY --exclude or ADD --exclude",
  "copy-link": "COPY --link or ADD --link: a layer of its own, without following links in the image below",
  "copy-chmod": "COPY --chmod or ADD --chmod with an octal mode",
  "copy-chmod-symbolic": "COPY --chmod or ADD --chmod with a symbolic mode",
  "add-checksum": "ADD --checksum: the download is verified",
  "add-git": "ADD of a git repository",
  "add-keep-git-dir": "ADD --keep-git-dir",
  "add-unpack": "ADD --unpack",
  "healthcheck-start-interval": "HEALTHCHECK --start-interval",
} as const;

export type Feature = keyof typeof FEATURES;
