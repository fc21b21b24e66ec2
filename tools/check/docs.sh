#!/usr/bin/env bash
# The documents are true: README's folder table lists exactly the folders of src/, as
# docs/architecture.md does; every relative link and every docs/*.md that code names is there; every
# operator has its section in docs/arithmetic.md; README's C++ is an example that is built and run.
# usage: docs.sh [ROOT]        exit 1 with one line per violation. Tested by self_test.sh.
set -euo pipefail
cd "${1:-.}"
failed=0
complain() {
  echo "$1"
  failed=1
}

actual=$(find src -mindepth 2 -type f | cut -d/ -f2 | sort -u)
in_readme=$(sed -n 's/^| `src\/\([a-z]*\)\/` |.*/\1/p' README.md | sort)
in_layers=$(awk -F'[`|]' '
  /^\| layer/ { table = 1 }
  !/^\|/ { table = 0 }
  table && $2 + 0 == $2 { print $4 }' docs/architecture.md | sort)
differing() { comm -3 <(echo "$actual") <(echo "$1") | xargs; }
[[ $actual == "$in_readme" ]] ||
  complain "README.md: the folder table and src/ differ: $(differing "$in_readme")"
[[ $actual == "$in_layers" ]] ||
  complain "docs/architecture.md: the layers and src/ differ: $(differing "$in_layers")"

while IFS=: read -r file link; do
  [[ -e $(dirname "$file")/${link%%#*} ]] || complain "$file: links to $link, which is not there"
done < <(find . -name '*.md' -not -path './build/*' -print0 |
  xargs -0 grep -HoE '\]\([^)#:]+[^):]*\)' | sed 's/:\](/:/; s/)$//')
while IFS=: read -r file document; do
  [[ -e $document ]] || complain "$file: names $document, which is not there"
done < <(grep -rHoE 'docs/[A-Za-z0-9/_-]+\.md' src | sort -u)
while read -r operator; do
  grep -qE "^### .*\b$operator\b" docs/arithmetic.md ||
    complain "docs/arithmetic.md: has no section on $operator"
done < <(sed -n 's/^MOTE_OP(\([A-Za-z0-9]*\),.*/\1/p' src/ops/ops.inc)
program=examples/compress_and_deploy/main.cc
diff <(sed -n '/^```cpp$/,/^```$/{//!p}' README.md) <(sed '/^#include/,$!d' $program) ||
  complain "README.md: the C++ is not that of $program"
exit $failed
