#!/bin/sh
set -e
echo "TOOL_HOME=/opt/tool" >> "$GITHUB_ENV"
echo "/opt/tool/bin" >> "$GITHUB_PATH"
echo "### Done :rocket:" >> "$GITHUB_STEP_SUMMARY"
echo "::add-mask::secret-value"
for file in "$GITHUB_ENV" "$GITHUB_PATH" "$GITHUB_STEP_SUMMARY"; do echo "$file: $(cat "$file")"; done
