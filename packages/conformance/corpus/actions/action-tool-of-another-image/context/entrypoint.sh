set -euo pipefail
. /etc/os-release
echo "$ID with $(busybox echo busybox) for $(readlink "$(command -v unzip)")"
