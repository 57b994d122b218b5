#!/bin/sh
echo "post after $STATE_phase: $(cat last.txt)"
