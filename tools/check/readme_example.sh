#!/usr/bin/env bash
# Runs the example of README.md, the first ```sh block below "## Example", as a reader would.
# usage: readme_example.sh FOLDER_OF_MOTE [ROOT]          Tested by self_test.sh.
set -euo pipefail
PATH=$(cd "$1" && pwd):$PATH
root=$(cd "${2:-.}" && pwd)
example=$(awk '
  /^## Example/ { below = 1 }
  below && /^```$/ { exit }
  inside
  below && /^```sh$/ { inside = 1 }' "$root/README.md")
if [[ -z $example ]]; then
  echo "README.md: no example"
  exit 1
fi
lines=$(wc -l <<<"$example")
if ((lines > 15)); then
  echo "README.md: the example has $lines lines, 15 allowed"
  exit 1
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
bash -euxo pipefail <<<"$example"
