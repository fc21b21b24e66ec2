#!/usr/bin/env bash
# Prints a table of the study in results/four-techniques as Markdown: `full` for docs/results.md, or
# `short` for README.md, which has the CIFAR-10 networks in float32 and int8 alone.
# usage: study_table.sh full|short FOLDER_OF_MOTE
set -euo pipefail
short=$([[ $1 == short ]] && echo 1 || true)
"$2/mote" report results/four-techniques --format md | awk -v short="$short" '
  /^\*\*/ { block = $0 }                                 # **DATA, DEVICE**
  short && block !~ /cifar-10/ && !/^change: / { next }  # of other data sets only the last line
  short && /^\|/ && !/^\| network / && !/^\|---/ && !/\| (float32|int8) \|/ { next }
  { print }'
