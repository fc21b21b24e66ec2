#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests. The summary comes last: what failed, and why
# tests were skipped (those on real data need MOTE_DATA_DIR, MOTE_GOLDEN_DIR or MOTE_MODELS_DIR, the
# judgement by another runtime MOTE_LITERT_DIR, those of the report in a browser MOTE_BROWSER_DIR,
# a study on a cluster Slurm and root).
set -euo pipefail
cd "$(dirname "$0")"

tools/install_packages.sh
cmake --preset release
cmake --build --preset release --parallel "$(nproc)"

status=0
ctest --preset release --parallel "$(nproc)" || status=$?
skipped=$(awk '/: Skipped$/ { getline; print }' build/release/Testing/Temporary/LastTest.log |
  sort | uniq -c)
[[ -z $skipped ]] || printf '\nSkipped tests, by reason:\n%s\n' "$skipped"
exit $status
