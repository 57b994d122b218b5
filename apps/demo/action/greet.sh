#!/bin/sh
# Says hello, tells where it runs, leaves an output and a file in the workspace, and ends as it is told to.
set -eu
greeting="$(cat /etc/greeting), $1!"
echo "$greeting"
echo "I am $(id -un) on $(. /etc/os-release && echo "$PRETTY_NAME"), in pod $(hostname)"
echo "The event that started me: $(cat "$GITHUB_EVENT_PATH")"
echo "greeting=$greeting" >> "$GITHUB_OUTPUT"
echo "$greeting" > "$GITHUB_WORKSPACE/greeting.txt"
exit "$2"
