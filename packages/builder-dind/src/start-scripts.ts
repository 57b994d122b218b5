import { BUILD_PATHS } from "@slipway/kube";

/** What daemon and client share: the socket, and marks by which they agree. */
export const SHARED = "/slipway-docker";
export const DOCKER_HOST = `unix://${SHARED}/docker.sock`;

/** Where the daemon's volume is; its data are in a folder in it, which is the daemon's own whatever its user. */
export const STORAGE = "/var/lib/docker";

/** With which the client ends when the daemon is gone, so that nobody has to guess it from texts. */
export const DAEMON_GONE = 121;

/**
 * Runs `dockerd` with the arguments given, by the image's own script where it has one: that makes the cgroups of RUN those of the pod,
 * and in a rootless image a network behind one of its own, where downloads hang unless its MTU is that of the pod's interface.
 * When the client asks for it the daemon ends, before the credential for pushing appears in the pod; the container stays.
 */
export const DAEMON_SCRIPT = `
shared=${SHARED}
# The first process of a container takes all others along.
trap 'exit 143' TERM
idle() { while :; do sleep 1 & wait $!; done; }
# Started again: the first daemon died, and what was built with it is gone. While this one does nothing, the kubelet keeps how that was.
if [ -e $shared/started ]; then : > $shared/ended; idle; fi
: > $shared/started
mtu=1500
while read -r interface destination _; do
  if [ "$destination" = 00000000 ]; then mtu=$(cat "/sys/class/net/$interface/mtu"); break; fi
done < /proc/net/route
printf '%s' "$DAEMON_JSON" > $shared/daemon.json
if [ -n "$NOT_DOCKER_IO" ]; then echo '127.0.0.1 registry-1.docker.io' >> /etc/hosts; fi
export DOCKERD_ROOTLESS_ROOTLESSKIT_MTU="$mtu"
set -- dockerd --host=${DOCKER_HOST} --config-file=$shared/daemon.json --data-root=${STORAGE}/data
if command -v dockerd-entrypoint.sh > /dev/null; then set -- dockerd-entrypoint.sh "$@"; fi
"$@" &
daemon=$!
while kill -0 $daemon 2> /dev/null; do
  # Everything but this shell, whatever a RUN left behind included; nothing of it is needed any more.
  if [ -e $shared/stop ]; then kill -KILL -1; wait $daemon; : > $shared/ended; idle; fi
  sleep 0.2
done
wait $daemon
`;

/** Where `docker` looks for its plugins (Docker documentation, "Docker CLI plugins"), beside the home of its user. */
const PLUGINS = ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"].map(
  (folder) => `${folder}/docker/cli-plugins`,
);

/**
 * Runs `docker buildx build` with the arguments given; then has the daemon end. The plugin is started without `docker`, which would listen
 * for it on a socket that a RUN in the same network could see, and would start it twice.
 */
export const CLIENT_SCRIPT = `
trap 'exit 143' TERM
PATH="$PATH:${PLUGINS.join(":")}"
docker-buildx build "$@" &
wait $!
code=$?
if [ $code != 0 ]; then
  docker ps --quiet > /dev/null 2>&1 && exit $code
  # The cluster has the time to tell how the daemon ended.
  sleep 30
  exit ${DAEMON_GONE}
fi
: > ${SHARED}/stop
until [ -e ${SHARED}/ended ]; do sleep 0.1; done
`;

/**
 * Exits with 0 when the daemon takes orders. Each start of it costs the node as much as a container, so it waits itself for most of the second
 * until the kubelet would ask again. For `docker version` the daemon would start two programs each time it is asked.
 */
export const READY_COMMAND = [
  "sh",
  "-c",
  `
for attempt in 1 2 3 4 5 6 7 8; do
  if [ -S ${SHARED}/docker.sock ]; then exec docker --host=${DOCKER_HOST} ps --quiet; fi
  sleep 0.1
done
exit 1
`,
] as const;

/** The folder with the certificates to trust, beside the image's own: Go reads the image's file as well. */
export const CERTIFICATES = BUILD_PATHS.ca;
