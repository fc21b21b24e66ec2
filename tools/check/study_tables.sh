#!/usr/bin/env bash
# README's table of the study is what `mote report` makes of results/four-techniques: the lines
# between its two markers. Without those records there is no table.
# usage: readme_table.sh FOLDER_OF_MOTE [ROOT]            Tested by self_test.sh.
set -euo pipefail
mote=$(cd "$1" && pwd)/mote
cd "${2:-.}"
study=results/four-techniques

if ! grep -q "^<!-- study: $study" README.md || ! grep -q '^<!-- end of study -->$' README.md; then
  echo "README.md: has no place for the table of $study"
  exit 1
fi
expected=$([[ ! -d $study ]] || "$mote" report $study --format md)
actual=$(sed -n '/^<!-- study: /,/^<!-- end of study -->$/{/^<!-- /!p}' README.md)
diff <(echo "$expected") <(echo "$actual") || {
  echo "README.md: the study's table is stale: run tools/update_readme_table.sh"
  exit 1
}
