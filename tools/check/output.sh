#!/usr/bin/env bash
# Only cli/ prints or ends the program; everything else throws mote::Error or returns.
# usage: output.sh [ROOT]      exit 1 with one line per violation. Tested by self_test.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-.}"
source "$here/sources.sh"

word='[^A-Za-z0-9_>.]'
prints="std::(cout|cerr|clog)|fmt::print|$word(printf|fprintf|puts|fputs|putchar|perror) *\\("
handles="$word(stdout|stderr|stdin)[^A-Za-z0-9_]"
exits="$word(std::)?(exit|_Exit|quick_exit|abort|terminate) *\\("

if sources | grep -v '^src/cli/' | code | grep -E "$prints|$handles|$exits"; then
  echo "only src/cli/ prints or exits: throw mote::Error, or take a callback"
  exit 1
fi
