#!/bin/sh
set -e
for word in "$@"; do echo "<$word>"; done
