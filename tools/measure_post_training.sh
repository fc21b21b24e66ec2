#!/usr/bin/env bash
# Compresses a float model with weights of 8, 5, 4 and 3 bits by ever more post-training steps, and
# prints their accuracy on the whole test split as a table of docs/results.md. Recipes and models
# stay in OUT. ROWS, a list of the names below, says which; all without.
#   MOTE_DATA_DIR=DIR [ROWS="nearest ends"] tools/measure_post_training.sh MODEL DATA OUT [BITS...]
set -euo pipefail
mote=${MOTE:-$(dirname "$0")/../build/release/mote}
model=$1 data=$2 out=$3
shift 3
[[ $# -gt 0 ]] || set -- 8 5 4 3
mkdir -p "$out"

# recipe NAME BITS EQUALIZE KEY...
recipe() {
  local file=$out/$1.toml bits=$2 by=$3
  printf 'name = "%s"\n' "$1" >"$file"
  shift 3
  [[ -z $by ]] || printf '[[step]]\ndo = "equalize"\nby = "%s"\n' "$by" >>"$file"
  printf '[[step]]\ndo = "calibrate"\nobserver = "percentile"\n' >>"$file"
  printf '[[step]]\ndo = "quantize"\nweight_bits = %s\n' "$bits" >>"$file"
  (($# == 0)) || printf '%s\n' "$@" >>"$file"
}

mse='scales = "mse"' bias='bias_correction = true' gptq='rounding = "gptq"'
ends=$'first_bits = 8\nlast_bits = 8'
all="nearest mse mse-bias weights-mse-bias gptq gptq-bias ends refits weights activations"
read -ra rows <<<"${ROWS:-$all}"
for bits in "$@"; do
  recipe "nearest-$bits" "$bits" ""
  recipe "mse-$bits" "$bits" "" "$mse"
  recipe "mse-bias-$bits" "$bits" "" "$mse" "$bias"
  recipe "weights-mse-bias-$bits" "$bits" weights "$mse" "$bias"
  recipe "gptq-$bits" "$bits" "" "$mse" "$gptq"
  recipe "gptq-bias-$bits" "$bits" "" "$mse" "$gptq" "$bias"
  recipe "ends-$bits" "$bits" "" "$mse" "$gptq" "$bias" "$ends"
  recipe "refits-$bits" "$bits" "" "$mse" "$gptq" "$bias" "$ends" "refits = 3"
  recipe "weights-$bits" "$bits" weights "$mse" "$gptq" "$bias" "$ends"
  recipe "activations-$bits" "$bits" activations "$mse" "$gptq" "$bias" "$ends"
done

models=()
for bits in "$@"; do
  for row in "${rows[@]}"; do
    "$mote" compress "$model" --data "$data" --recipe "$out/$row-$bits.toml" --limit 1 --quiet \
      -o "$out/$row-$bits.tflite" >/dev/null
    models+=("$out/$row-$bits.tflite")
  done
done
"$mote" evaluate "${models[@]}" --data "$data" --quiet >"$out/evaluation.txt"
printf '| |'
printf ' W%s |' "$@"
printf '\n|---|'
printf -- '---:|%.0s' "$@"
printf '\n'
for row in "${rows[@]}"; do
  printf '| %s |' "$row"
  for bits in "$@"; do
    printf ' %s |' "$(grep -E "(^|[ /])$row-$bits.tflite" "$out/evaluation.txt" |
      grep -oE '[0-9.]+ %' | head -n 1)"
  done
  printf '\n'
done
