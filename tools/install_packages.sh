#!/usr/bin/env bash
# Installs what is missing of tools/packages.txt and of the packages named as arguments. Debian 12,
# as root or with sudo. Does nothing, quickly, where all is there.
set -euo pipefail
cd "$(dirname "$0")"

missing=()
for package in $(sed 's/#.*//' packages.txt) "$@"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' ||
    missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || {
    echo "missing packages: ${missing[*]}"
    echo "install them as root: apt-get install --no-install-recommends ${missing[*]}"
    exit 1
  }
  as_root=(sudo)
fi
echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
