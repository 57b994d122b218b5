#!/bin/bash
set -euo pipefail
jq -r '"\(.pull_request.number): \(.pull_request.title)"' <<< "$INPUT_EVENT"
jq -c '[.pull_request.labels[].name] | sort' <<< "$INPUT_EVENT"
