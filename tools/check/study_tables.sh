#!/usr/bin/env bash
# The tables of the study in README.md and docs/results.md are what tools/study_table.sh makes of
# the records in results/four-techniques: the lines between two markers. Without those records there
# are no tables.
# usage: study_tables.sh FOLDER_OF_MOTE [ROOT]            Tested by self_test.sh.
set -euo pipefail
mote=$(cd "$1" && pwd)
table=$(cd "$(dirname "$0")/.." && pwd)/study_table.sh
cd "${2:-.}"
study=results/four-techniques

failed=0
for place in short:README.md full:docs/results.md; do
  file=${place#*:}
  if ! grep -q "^<!-- study: $study" "$file" || ! grep -q '^<!-- end of study -->$' "$file"; then
    echo "$file: has no place for the table of $study"
    failed=1
    continue
  fi
  expected=$([[ ! -d $study ]] || "$table" "${place%%:*}" "$mote")
  actual=$(sed -n '/^<!-- study: /,/^<!-- end of study -->$/{/^<!-- /!p}' "$file")
  diff <(echo "$expected") <(echo "$actual") || {
    echo "$file: the study's table is stale: run tools/update_study_tables.sh"
    failed=1
  }
done
exit $failed
