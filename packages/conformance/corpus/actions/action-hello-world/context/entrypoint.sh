#!/bin/sh -l

greeting="Hello $1"
echo "$greeting"
echo "greeting=$greeting" >> "$GITHUB_OUTPUT"
cat "$GITHUB_OUTPUT"
