#!/bin/sh
bad=0
for file in $(find . -name '*.txt' | sort); do
  if grep -n ' $' "$file" > /tmp/lines; then
    line=$(cut -d: -f1 /tmp/lines | head -n 1)
    echo "::error file=${file#./},line=$line::trailing blank"
    bad=$((bad + 1))
  fi
done
echo "$bad of $(find . -name '*.txt' | wc -l) files are bad"
test "$bad" = 0
