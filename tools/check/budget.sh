#!/usr/bin/env bash
# The line budget: files to 600 lines, lines to 100 columns, and each folder to what budget.txt
# grants it. A folder that needs more says why in the commit that raises its line.
# usage: budget.sh [ROOT]      exit 1 with one line per violation. Tested by self_test.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-.}"
source "$here/sources.sh"
table=tools/check/budget.txt

{
  sources
  find include src tests bench examples cmake tools -type f 2>/dev/null \
    \( -name '*_test.cc' -o -path 'tests/*.h' -o -path 'include/*.h' -o -name '*.cc' \
    -o -name '*.cmake' -o -name '*.sh' -o -name '*.toml' -o -name '*.c' \) || true
  ls CMakeLists.txt -- *.sh 2>/dev/null || true
} | sort -u | xargs awk -v table="$table" '
  BEGIN {
    while ((getline line < table) > 0)
      if (line !~ /^#/ && split(line, field, " ") == 2) budget[field[1]] = field[2]
  }
  FNR == 1 && NR > 1 { finish() }
  { file = FILENAME; lines = FNR }
  length($0) > 100 && file !~ /_test\.cc$/ {  # tests quote lines that cannot be broken
    printf "%s:%d: %d columns, 100 allowed\n", file, FNR, length($0)
    failed = 1
  }
  END {
    finish()
    for (folder in used)
      if (!(folder in budget)) { printf "%s: has no line in %s\n", folder, table; failed = 1 }
      else if (used[folder] > budget[folder]) {
        printf "%s: %d lines, %d allowed by %s\n", folder, used[folder], budget[folder], table
        failed = 1
      }
    exit failed
  }
  function finish(  part) {
    if (lines > 600) { printf "%s: %d lines, 600 allowed\n", file, lines; failed = 1 }
    if (file ~ /^src\// && file !~ /_test\.cc$/) {
      split(file, part, "/")
      used[part[1] "/" part[2]] += lines
    }
  }'
