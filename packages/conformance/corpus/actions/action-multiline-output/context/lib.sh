output() {
  { echo "$1<<END_OF_$1"; printf '%s\n' "$2"; echo "END_OF_$1"; } >> "$GITHUB_OUTPUT"
}
