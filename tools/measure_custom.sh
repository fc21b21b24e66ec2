#!/usr/bin/env bash
# Trains, quantizes, evaluates and deploys the network `custom` on real data, and keeps models and
# figures under results/custom/DATA. About 10 minutes on two idle cores.
#   MOTE_DATA_DIR=DIR tools/measure_custom.sh [DATA...]
set -euo pipefail
cd "$(dirname "$0")/.."
mote=build/release/mote

[[ $# -gt 0 ]] || set -- fashion-mnist mnist cifar-10
for data in "$@"; do
  out=results/custom/$data
  mkdir -p "$out" build/measure
  "$mote" train zoo:custom --data "$data" --seed 1 -o "$out/float32.tflite" --json \
    >"$out/train.json"
  "$mote" compress "$out/float32.tflite" --data "$data" --recipe int8 --seed 1 \
    -o "$out/int8.tflite" --json >"$out/compress.json"
  "$mote" evaluate "$out/float32.tflite" "$out/int8.tflite" --data "$data" --json \
    >"$out/evaluate.json"
  for device in mps2-an386 microbit; do
    "$mote" deploy "$out/int8.tflite" --device $device -o "build/measure/$data.$device" \
      --name custom --run --data "$data" --samples 200 --json >"$out/$device.json"
  done
done
cat >results/custom/machine.txt <<END
commit  $(git rev-parse HEAD)
seed    1
cpu     $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores
system  $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)
END
