#!/usr/bin/env bash
# Holds every #include of src/ to the two tables of docs/architecture.md ("Layers").
# usage: layers.sh [ROOT]      exit 1 with one line per violation. Tested by self_test.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-.}"
source "$here/sources.sh"

sources | awk '
  # ---- the tables ----
  function read_tables(  line, cell, name) {
    while ((getline line < "docs/architecture.md") > 0) {
      gsub(/`/, "", line)
      split(line, cell, / *\| */)
      if (line !~ /^\|/) table = ""
      else if (line ~ /^\| layer/) table = "layers"
      else if (line ~ /^\| header begins with/) table = "headers"
      else if (cell[2] ~ /^-/) continue
      else if (table == "layers") layer[cell[3]] = cell[2] + 0
      else if (table == "headers") places[cell[2]] = cell[3]
    }
    if (length(layer) < 5 || length(places) < 5) {
      print "docs/architecture.md: the tables of layers are not there"
      failed = 1
      exit
    }
  }

  # ---- paths, relative to src/ ----
  function attributes(path,  part) {
    return split(path, part, "/") == 3 && part[1] == "ops" && part[3] == part[2] ".h"
  }
  function folder(path) {
    if (path == "ops/ops.inc" || attributes(path)) return "ir"
    return substr(path, 1, index(path, "/") - 1)
  }
  function firmware(path) { return path ~ /^ops\/[^\/]+\/[^\/]+(\.c|_kernels\.h)$/ }
  function begins(text, start) { return substr(text, 1, length(start)) == start }
  function ends(text, tail) { return substr(text, length(text) - length(tail) + 1) == tail }
  function placed(path, list,  place, count, i) {
    count = split(list, place, " ")
    for (i = 1; i <= count; i++) {
      if (place[i] ~ /^\*/ && ends(path, substr(place[i], 2))) return 1
      if (place[i] !~ /^\*/ && begins(path, place[i])) return 1
    }
    return 0
  }

  function violation(text) {
    printf "src/%s:%d: %s\n", path, line_number, text
    failed = 1
  }

  function check(header, quoted,  start, from, to, own) {
    for (start in places)
      if (begins(header, start) && !placed(path, places[start]))
        violation("only " places[start] " may include " header)
    if (!quoted || header ~ /^generated\//) return
    from = folder(path); to = folder(header)
    own = substr(path, 1, match(path, /\/[^\/]*$/))
    if (!(to in layer)) violation("includes \"" header "\", which lies in no layer")
    else if (attributes(path) && header != "ir/types.h")
      violation("an attribute struct includes only ir/types.h")
    else if (firmware(path) && to != "runtime" && !begins(header, own))
      violation("firmware sees only runtime/ and its own folder, not " header)
    else if (from != to && layer[to] >= layer[from])
      violation(from " (layer " layer[from] ") may not include " header " (layer " layer[to] ")")
  }

  BEGIN { read_tables() }
  {
    path = substr($0, 5)
    if (!(folder(path) in layer)) { line_number = 1; violation("lies in no layer") ; next }
    line_number = 0
    while ((getline line < $0) > 0) {
      line_number++
      if (match(line, /^ *# *include *["<][^">]+/)) {
        header = substr(line, RSTART, RLENGTH)
        quoted = header ~ /"/
        sub(/^[^"<]*["<]/, "", header)
        check(header, quoted)
      }
    }
    close($0)
  }
  END { exit failed }'
