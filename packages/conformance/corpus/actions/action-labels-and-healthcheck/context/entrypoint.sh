#!/bin/sh
echo "::group::Deploy"
head -n 1 /README.md
echo "::endgroup::"
