#!/bin/sh
set -e
echo "main after $STATE_phase: [$1] [$2] [$INPUT_TEXT]"
echo "event in container step: $(cat "$GITHUB_EVENT_PATH")"
echo "script left: $(cat made-by-script.txt)"
echo "temp: $(cat "$RUNNER_TEMP/from-script.txt")"
echo "env: $FROM_STEP"
echo made-by-container > made-by-container.txt
rm to-delete.txt
echo temp-of-container > "$RUNNER_TEMP/from-container.txt"
echo "answer=42" >> "$GITHUB_OUTPUT"
printf 'block<<EOF\nline one\nline "two"\nEOF\n' >> "$GITHUB_OUTPUT"
echo "FROM_CONTAINER_STEP=by container" >> "$GITHUB_ENV"
echo "## from the container" >> "$GITHUB_STEP_SUMMARY"
echo "phase=main" >> "$GITHUB_STATE"
