#!/usr/bin/env bash
# The package and the examples: installs a build into a temporary prefix, builds every project of
# examples/ against it with find_package(Mote), as a user would, runs it and holds what it prints
# against its `expected.txt`, one pattern of grep -E a line, in order. Public headers include the
# standard library and each other, and each compiles alone.
# usage: examples.sh BUILD_FOLDER [CXX]      77 without the cross compiler or the emulator.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd)
export CXX=${2:-c++}
for tool in arm-none-eabi-gcc qemu-system-arm ninja; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/prefix

cmake --install "$build" --prefix "$prefix" >/dev/null
[[ $("$prefix/bin/mote" --version) == mote\ * ]]
for header in "$prefix"/include/mote/*.h; do
  if grep '#include' "$header" | grep -vE '#include (<[a-z_]+>|"mote/[a-z_]+\.h")'; then
    echo "$header: users may not have that header"
    exit 1
  fi
  "$CXX" -std=c++20 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I "$prefix/include" \
    -x c++ -include "$header" /dev/null
done

# Every line of $1 is found in $2, below the one before.
matches() {
  local from=1 pattern found
  while IFS= read -r pattern; do
    found=$(tail -n "+$from" "$2" | grep -nEm 1 -- "$pattern" | cut -d: -f1) || true
    [[ $found ]] || { echo "$1: '$pattern' is not in the output:"; cat "$2"; return 1; }
    from=$((from + found))
  done <"$1"
}
for project in "$root"/examples/*/CMakeLists.txt; do
  example=$(dirname "$project")
  name=$(basename "$example")
  folder=$scratch/$name
  cmake -S "$example" -B "$folder" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wpedantic -Werror" >"$scratch/log" 2>&1 &&
    cmake --build "$folder" >>"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
  (cd "$folder" && "./$name") | tee "$scratch/output"
  matches "$example/expected.txt" "$scratch/output"
done
