#!/usr/bin/env bash
# Mote's main job in a few minutes, on built-in data (synthetic digits): a study that trains a
# network, compresses it in five ways, evaluates each and runs it as firmware on two emulated boards
# (examples/studies/demo.toml), a report of it, and the firmware of one. Installs and builds what is
# missing. The results stay in build/demo.
set -euo pipefail
cd "$(dirname "$0")"

tools/install_packages.sh
cmake --preset release >/dev/null
cmake --build --preset release --parallel "$(nproc)" --target mote

mkdir -p build/demo
cd build/demo
rm -rf ./*
mote=../release/mote
study=../../examples/studies/demo.toml

say() { printf '\n== %s\n' "$*"; }

say "what there is to do"
"$mote" study $study -o runs -j "$(nproc)" --dry-run

say "train, compress, evaluate, run on emulated boards: every output byte compared with the host"
"$mote" study $study -o runs -j "$(nproc)" >table.txt
if grep -q '"outputs_equal": false' runs/*/record.json; then
  echo "outputs differ"
  exit 1
fi

say "firmware of the int8 network"
compressed=$(grep -l '"task": "compress"' runs/*/record.json)
int8=$(dirname "$(grep -l '"scheme": "int8"' $compressed)")
"$mote" deploy "$int8/model.tflite" --device microbit -o int8.microbit --name digits

"$mote" report runs -o report.html
say "before and after, on glyphs (synthetic)"
cat table.txt
cat <<'END'

top-1: on the test split, by the host. file: the .tflite. flash: the linked firmware. RAM: data,
arena and the stack that was used; of what does not fit, without its stack. instructions: of one
inference. The firmware in build/demo/int8.microbit is C11, with an example of its use and a
self-test for a real board. All of it to look at: build/demo/report.html
END
