#!/usr/bin/env bash
# Letters and numbers are read and written without the locale, which is the caller's where we are a
# library: base/ascii.h and fmt, not the C library's functions, which ask it, nor streams.
# usage: locale.sh [ROOT]      exit 1 with one line per violation. Tested by self_test.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-.}"
source "$here/sources.sh"

word='[^A-Za-z0-9_.>]'
classes='al(pha|num)|x?digit|blank|space|print|punct|graph|cntrl|lower|upper'
letters="(to(lower|upper)|is($classes))[^A-Za-z0-9_]"
numbers='(strto[a-z]+|ato(f|i|l|ll)|sto(i|l|ll|ul|ull|f|d|ld)|v?sn?printf) *\('
others='(i?stringstream|setlocale|str(coll|xfrm|ftime)|put_time|get_time)[^A-Za-z0-9_]'
failed=0

if sources | code | grep -E "$word(std::)?($letters|$numbers|$others)"; then
  echo "  these ask the locale: use base/ascii.h, or fmt"
  failed=1
fi
if sources | xargs grep -nE 'fmt::.*\{[^{}]*:[^{}]*L\}'; then
  echo "  the format L asks the locale"
  failed=1
fi
streams=$(sources | xargs grep -l 'ostringstream ') || true
for file in $streams; do
  grep -qF 'imbue(std::locale::classic())' "$file" && continue
  echo "$file: an ostringstream asks the locale unless it is told: imbue(std::locale::classic())"
  failed=1
done
exit $failed
