#!/bin/sh
set -eu
. "$(dirname "$0")/lib.sh"
output report "$(printf 'first\nsecond')"
output count 2
cat "$GITHUB_OUTPUT"
