#!/bin/sh
# docker:dind-rootless has one of this name, which does the same in its own way: rootlesskit, and the daemon in its namespaces.
[ "$1" = dockerd ] || exec "$@"
shift
exec /usr/share/docker.io/contrib/dockerd-rootless.sh "$@"
