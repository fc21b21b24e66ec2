#!/usr/bin/env bash
# No rounding, saturation or shift-rescale of quantized values outside src/runtime/arithmetic: one
# place decides every bit (docs/arithmetic.md). A grep, so it knows the usual ways to write them.
# usage: arithmetic.sh [ROOT]  exit 1 with one line per violation. Tested by self_test.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-.}"
source "$here/sources.sh"
failed=0

# forbid FILES PATTERN ADVICE: among the lines of code in files whose path matches FILES.
forbid() {
  if grep -E "^$1:" <<<"$lines" | grep -E ": .*($2)"; then
    echo "  $3"
    failed=1
  fi
}

# Data sets draw pictures and the zoo counts channels: no quantized value passes there.
lines=$(sources | grep -vE '^src/(runtime/arithmetic|datasets|zoo|cli)/' | code)
everywhere='[^:]*'
kernels='src/ops/[^/]*/[^/]*(\.c|_kernels\.h)'
integer_kernels='src/ops/[^/]*/[^/]*_s(8|16)[a-z0-9_]*\.c'

forbid "$everywhere" '[^A-Za-z0-9_](l|ll)?(round|rint|roundeven)f? *\(|nearbyint' \
  "round by mote_round_f32, mote_quantize_f32 or a mote_requantize function"
forbid "$everywhere" '(int[0-9_a-z]*|long)(>\(|\) *\(?).*\+ *0?\.5f?\)' \
  "a half added before a cast is a rounding: mote_round_f32"
forbid "$everywhere" '>>=? *\(?-? *[A-Za-z0-9_.>-]*(shift|exponent)' \
  "rescale by a mote_requantize function; mote_shift_right_s64 is a floor"
forbid "$everywhere" 'std::clamp|numeric_limits<u?int(8|16)_t>|[<>]=? *U?INT(8|16)_M' \
  "saturate by mote_clamp_s32 or mote_quantize_f32, within integer_range(dtype)"
forbid "$kernels" '<<|>>' "kernels shift by the functions of runtime/arithmetic"
forbid "$integer_kernels" '\?.*(activation_m|-128|127|INT8_M|INT16_M)' \
  "kernels saturate by mote_clamp_s32"
exit $failed
