#!/bin/sh
echo "pre ran"
echo "phase=pre" >> "$GITHUB_STATE"
