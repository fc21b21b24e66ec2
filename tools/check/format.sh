#!/usr/bin/env bash
# All C and C++ is as clang-format 14 leaves it, by the .clang-format of the root.
# usage: format.sh [ROOT]      exit 1 naming the files, 77 without clang-format. See self_test.sh.
set -euo pipefail
cd "${1:-.}"
formatter=$(command -v clang-format-14 || true)
if [[ -z $formatter ]]; then
  echo "skipped: clang-format-14 is not installed"
  exit 77
fi
unformatted=$(
  find include src tests tools bench examples -type f \
    \( -name '*.h' -o -name '*.cc' -o -name '*.c' \) 2>/dev/null |
    sort | xargs -P 2 -n 20 "$formatter" --dry-run --Werror 2>&1 |
    sed -n 's/:[0-9]*:[0-9]*: error: .*//p' | sort -u
) || true
if [[ $unformatted ]]; then
  sed 's/$/: run clang-format-14 -i/' <<<"$unformatted"
  exit 1
fi
