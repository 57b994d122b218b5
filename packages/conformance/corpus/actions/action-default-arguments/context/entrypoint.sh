#!/bin/sh
command=$1
shift
echo "$command with $# arguments: $*"
