#!/bin/sh
if [ -z "${INPUT_TOKEN:-}" ]; then
  echo "::error title=Missing input::token is required"
  exit 78
fi
echo "never"
