#!/usr/bin/env bash
# Writes README's table of the study anew, from the records in results/four-techniques;
# tools/check/readme_table.sh holds it to them.
# usage: update_readme_table.sh [FOLDER_OF_MOTE]
set -euo pipefail
cd "$(dirname "$0")/.."
mote=${1:-build/release}/mote

table=$(mktemp)
trap 'rm -f "$table"' EXIT
"$mote" report results/four-techniques --format md >"$table"
sed -i -e '/^<!-- study: /,/^<!-- end of study -->$/{/^<!-- /!d}' \
  -e "/^<!-- study: /r $table" README.md
