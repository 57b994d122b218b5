#!/bin/bash
set -euo pipefail
cd "$(mktemp -d)"
git init --quiet
echo content > file
git add file
git commit --quiet --message "Add a file"
echo "$(git rev-list --count HEAD) on $(git branch --show-current) by $(git log -1 --format=%an)"
git ls-files
