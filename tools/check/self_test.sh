#!/usr/bin/env bash
# The checks can fail: each is run on a small tree that is right and on trees with one violation.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# A new right tree in $tree.
fresh_tree() {
  tree=$(mktemp -d -p "$scratch")
  mkdir -p "$tree"/{docs,tools/check,examples/compress_and_deploy} \
    "$tree"/src/{runtime/arithmetic,ir,ops/relu,passes,cli}
  cp "$here/../../.clang-format" "$tree"
  cp "$here/../../docs/architecture.md" "$tree/docs"
  printf '# Mote\n\n## Example\n\n```sh\ntrue\n```\n\n```cpp\n#include <a>\n```\n\n| folder | |\n' \
    >"$tree/README.md"
  put examples/compress_and_deploy/main.cc '// What it is.' '#include <a>'
  local folder
  for folder in cli ir ops passes runtime; do
    echo "| \`src/$folder/\` | what |" >>"$tree/README.md"
    echo "src/$folder 50" >>"$tree/tools/check/budget.txt"
  done
  sed -i -E '/^\| [0-9]+ \|/ { /`(cli|ir|ops|passes|runtime)`/ !d }; s/\]\([^)]*\)//g' \
    "$tree/docs/architecture.md"
  printf '### Relu\n' >"$tree/docs/arithmetic.md"
  put src/ops/ops.inc 'MOTE_OP(Relu, relu)'
  put src/runtime/arithmetic/requantize.h 'int y = x >> shift;'
  put src/ir/types.h '#include <vector>'
  put src/ops/relu/relu.h '#include "ir/types.h"'
  put src/ops/relu/relu_s8.c '#include "runtime/arithmetic/requantize.h"'
  put src/passes/fold.cc '#include "ops/relu/relu.h"'
  put src/cli/main.cc 'int main() {' '  printf("%d", 1);' '}'
}
put() { printf '%s\n' "${@:2}" >"$tree/$1"; }

# passes CHECK / catches CHECK PATTERN: what the check says of $tree.
passes() {
  local output
  output=$("$here/$1.sh" "${@:2}" "$tree" 2>&1) && return
  echo "$1 fails on a right tree: $output"
  failures=$((failures + 1))
}
catches() {
  local output
  if output=$("$here/$1.sh" "${@:3}" "$tree" 2>&1); then
    echo "$1 misses: $2"
  elif ! grep -qE -- "$2" <<<"$output"; then
    echo "$1 does not say '$2' but: $output"
  else
    return 0
  fi
  failures=$((failures + 1))
}

checks=(layers output arithmetic locale budget docs)
command -v clang-format-14 >/dev/null && checks+=(format)
fresh_tree
for check in "${checks[@]}"; do passes "$check"; done
passes readme_example "$scratch"

fresh_tree; put src/ir/graph.h '#include "passes/fold.h"'
catches layers 'src/ir/graph.h:1: ir \(layer 1\) may not include passes/fold.h'
fresh_tree; put src/ops/relu/relu_s8.c '' '#include "ir/types.h"'
catches layers 'src/ops/relu/relu_s8.c:2: firmware sees only'
fresh_tree; put src/ops/relu/relu.h '#include "ir/graph.h"'
catches layers 'an attribute struct includes only ir/types.h'
fresh_tree; put src/passes/train.cc '#include <torch/torch.h>'
catches layers 'may include torch/torch.h'
fresh_tree; put src/ir/x.h '#include "elsewhere/x.h"'
catches layers 'lies in no layer'
fresh_tree; put docs/architecture.md 'no table'
catches layers 'tables of layers are not there'

fresh_tree; put src/passes/fold.cc 'void f() { std::cout << 1; }'
catches output 'src/passes/fold.cc:1:'
fresh_tree; put src/passes/fold.cc 'void f() { exit(1); }'
catches output 'src/passes/fold.cc:1:'

for line in 'int y = std::lround(x);' 'int y = round(x);' 'y = static_cast<int32_t>(x + 0.5f);' \
  'int y = acc >> shift;' 'int y = std::clamp(q, -128, 127);' 'int y = q > INT8_MAX;'; do
  fresh_tree; put src/passes/fold.cc "$line"
  catches arithmetic 'src/passes/fold.cc:1:'
done
for line in 'int y = (acc + 64) >> 7;' 'int y = q > 127 ? 127 : q;'; do
  fresh_tree; put src/ops/relu/relu_s8.c "$line"
  catches arithmetic 'src/ops/relu/relu_s8.c:1:'
done

for line in 'c = std::tolower(c);' 'return isalpha(c);' 'std::transform(a, b, c, ::toupper);' \
  'double d = std::stod(text);' 'double d = strtod(p, &end);' 'int i = atoi(p);' \
  'snprintf(buffer, 9, "%f", d);' 'std::istringstream words(line);' 'std::ostringstream text;' \
  'fmt::format("{:L}", d);' 'std::setlocale(LC_ALL, "");'; do
  fresh_tree; put src/passes/fold.cc "$line"
  catches locale 'src/passes/fold.cc'
done

fresh_tree; put src/ir/graph.cc "$(seq 601)"
catches budget 'src/ir/graph.cc: 601 lines, 600 allowed'
catches budget 'src/ir: [0-9]+ lines, 50 allowed'
fresh_tree; put src/ir/graph.cc "// $(printf 'x%.0s' {1..98})"
catches budget 'src/ir/graph.cc:1: 101 columns'
fresh_tree; mkdir "$tree/src/zoo"; put src/zoo/zoo.cc 'int x;'
catches budget 'src/zoo: has no line'
catches docs 'README.md: the folder table and src/ differ: zoo'
catches docs 'docs/architecture.md: the layers and src/ differ: zoo'
fresh_tree; echo '[gone](docs/gone.md)' >>"$tree/README.md"
catches docs 'links to docs/gone.md'
fresh_tree; put src/ir/types.h '// See docs/gone.md.'
catches docs 'src/ir/types.h: names docs/gone.md'

fresh_tree; put examples/compress_and_deploy/main.cc '#include <a>' 'int y;'
catches docs 'README.md: the C\+\+ is not that of examples'
fresh_tree; put src/ir/graph.h '#include <mote/data.h>'
catches layers 'only api/ base/error.h may include mote/data.h'

fresh_tree; put src/ops/ops.inc 'MOTE_OP(Elu, elu)'
catches docs 'has no section on Elu'

if [[ " ${checks[*]} " == *" format "* ]]; then
  fresh_tree; put src/ir/types.h 'int   x ;'
  catches format 'src/ir/types.h: run clang-format'
fi

fresh_tree; sed -i 's/^true$/false/' "$tree/README.md"
catches readme_example '\+ false' "$scratch"
fresh_tree; put README.md '# Mote'
catches readme_example 'no example' "$scratch"

# A program that prints what the records of a study say, and two documents that show it.
printf '#!/bin/sh\ncat "$2"/*/record.json\n' >"$scratch/mote"
chmod +x "$scratch/mote"
fresh_study() {
  fresh_tree
  mkdir -p "$tree/results/four-techniques/1"
  local begin='<!-- study: results/four-techniques -->' end='<!-- end of study -->'
  local head=('| network | recipe | top-1 |' '|---|---|---:|') note='change: of what.'
  local int8='| a | int8 | 92 |' half='| a | float16 | 93 |' mnist='| a | int8 | 99 |'
  local full=('**cifar-10, board**' '' "${head[@]}" "$int8" "$half" '' '**mnist, board**' ''
    "${head[@]}" "$mnist" '' "$note")
  put results/four-techniques/1/record.json "${full[@]}"
  printf '%s\n' "$begin" '**cifar-10, board**' '' "${head[@]}" "$int8" '' "$note" "$end" \
    >>"$tree/README.md"
  put docs/results.md "$begin" "${full[@]}" "$end"
}
fresh_study; passes study_tables "$scratch"
sed -i 's/92/91/' "$tree/results/four-techniques/1/record.json"
catches study_tables 'README.md: the study.s table is stale' "$scratch"
fresh_study; sed -i 's/99/98/' "$tree/results/four-techniques/1/record.json"
catches study_tables 'docs/results.md: the study.s table is stale' "$scratch"
fresh_study; rm -r "$tree/results"
catches study_tables 'README.md: the study.s table is stale' "$scratch"
fresh_tree; mkdir -p "$tree/results/four-techniques"; put docs/results.md '# Results'
catches study_tables 'README.md: has no place for the table' "$scratch"

((failures == 0)) || exit 1
