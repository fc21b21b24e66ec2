#!/usr/bin/env bash
# Mote's main job in a few minutes, on built-in data (synthetic digits): trains a network, keeps it
# in float32 and quantizes it to int8, evaluates both, and runs both as firmware on emulated boards.
# Installs and builds what is missing. The results stay in build/demo.
set -euo pipefail
cd "$(dirname "$0")"

tools/install_packages.sh
cmake --preset release >/dev/null
cmake --build --preset release --parallel "$(nproc)" --target mote

mkdir -p build/demo
cd build/demo
rm -rf ./*
mote=../release/mote
data=glyphs

say() { printf '\n== %s\n' "$*"; }
# number FILE KEY: the first number with that key in a JSON object.
number() { grep -o "\"$2\": *[-0-9.e]*" "$1" | head -n 1 | sed 's/.*: *//'; }
percent() { awk -v fraction="$1" 'BEGIN { printf "%.2f %%", 100 * fraction }'; }

say "train zoo:custom on $data"
"$mote" train zoo:custom --data $data --epochs 3 --seed 1 -o trained.tflite

for recipe in float32 int8; do
  say "compress by the recipe $recipe, evaluate on the test split"
  "$mote" compress trained.tflite --data $data --recipe $recipe -o $recipe.tflite --json \
    >$recipe.compress.json
  "$mote" evaluate $recipe.tflite --data $data --json >$recipe.evaluate.json
  percent "$(number $recipe.evaluate.json top1)"
  echo
done

# deploy RECIPE DEVICE
deploy() {
  say "deploy $1 to $2, run it in the emulator, compare every output byte with the host"
  "$mote" deploy "$1.tflite" --device "$2" -o "$1.$2" --name digits --run --data $data --samples 5 \
    --json >"$1.$2.json"
  grep -o '"outputs_equal": true' "$1.$2.json"
}
deploy float32 mps2-an386
deploy int8 mps2-an386
deploy int8 microbit

row() {
  printf '%-8s %-11s %9s %9s %10s %11s %10s %9s %14s\n' "$@"
}
figures() {
  row "$1" "$2" "$(percent "$(number "$1.evaluate.json" top1)")" \
    "$(percent "$(number "$1.evaluate.json" macro_recall)")" \
    "$(number "$1.compress.json" file_bytes)" "$(number "$1.compress.json" constant_bytes)" \
    "$(number "$1.$2.json" flash_bytes)" "$(number "$1.$2.json" ram_bytes)" \
    "$(number "$1.$2.json" instructions)"
}
say "before and after, on $data (synthetic); sizes in bytes, instructions per inference"
row model device accuracy "m.recall" file constants flash RAM instructions
figures float32 mps2-an386
figures int8 mps2-an386
figures int8 microbit
cat <<'END'

accuracy, m.recall (macro recall): on the test split, by the host. file: the .tflite. constants:
weights, biases, multipliers. flash: the linked firmware. RAM: data, arena and the stack that was
used. The firmware is in build/demo/int8.microbit: C11, with an example of its use and a self-test
for a real board.
END
