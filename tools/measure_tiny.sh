#!/usr/bin/env bash
# Trains LeNet-5 on MNIST with three seeds, compresses it by the recipe `tiny`, evaluates what
# comes out and keeps it under results/tiny/mnist. About 10 minutes on two idle cores.
#   MOTE_DATA_DIR=DIR tools/measure_tiny.sh
set -euo pipefail
cd "$(dirname "$0")/.."
mote=build/release/mote

out=results/tiny/mnist
mkdir -p $out build/measure
for seed in 1 2 3; do
  float=build/measure/lenet5-$seed.mote
  "$mote" train zoo:lenet5 --data mnist --seed $seed -o $float >$out/train-$seed.log
  tiny=build/measure/lenet5-tiny-$seed.mote
  "$mote" compress $float --data mnist --recipe tiny --seed $seed -o $tiny >$out/compress-$seed.log
  "$mote" optimize $tiny -o $out/lenet5-$seed.tflite --quiet
done
"$mote" evaluate $out/lenet5-{1,2,3}.tflite --data mnist --json >$out/evaluate.json
cat >results/tiny/machine.txt <<END
commit  $(git rev-parse HEAD)
cpu     $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores
system  $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)
END
