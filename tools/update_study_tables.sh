#!/usr/bin/env bash
# Writes the tables of the study in README.md and docs/results.md anew, from the records in
# results/four-techniques; tools/check/study_tables.sh holds them to it.
# usage: update_study_tables.sh [FOLDER_OF_MOTE]
set -euo pipefail
cd "$(dirname "$0")/.."

table=$(mktemp)
trap 'rm -f "$table"' EXIT
for place in short:README.md full:docs/results.md; do
  tools/study_table.sh "${place%%:*}" "${1:-build/release}" >"$table"
  sed -i -e '/^<!-- study: /,/^<!-- end of study -->$/{/^<!-- /!d}' \
    -e "/^<!-- study: /r $table" "${place#*:}"
done
