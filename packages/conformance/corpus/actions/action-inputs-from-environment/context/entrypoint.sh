#!/bin/sh
set -eu
: "${INPUT_NAME:?the input name is required}"
printf 'name=<%s>\n' "$INPUT_NAME"
printf '%s\n' "$INPUT_LINES" | while IFS= read -r line; do printf 'line=<%s>\n' "$line"; done
printf 'default=<%s>\n' "${INPUT_MISSING:-fallback}"
