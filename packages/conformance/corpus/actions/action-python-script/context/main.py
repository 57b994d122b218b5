import os
import sys

words = os.environ["INPUT_WORDS"].split(",")
counts = {}
for word in words:
    counts[word] = counts.get(word, 0) + 1
for word in sorted(counts):
    print(f"{word}: {counts[word]}")
if len(sys.argv) > 1 and counts.get(sys.argv[1], 0) == 0:
    print(f"::error::{sys.argv[1]} is missing")
    sys.exit(1)
