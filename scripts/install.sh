#!/usr/bin/env bash
# Installs the Debian packages that are missing. install.sh build | install.sh test (build's and more).
set -euo pipefail
cd "$(dirname "$0")/.."
want=${1:-build}
missing=()
while read -r kind package; do
  case "$kind" in '#'*|'') continue ;; esac
  [ "$kind" = build ] || [ "$want" = test ] || continue
  # A tool that is there under another package's name will do.
  case "$package" in npm|cmake|curl) command -v "$package" >/dev/null && continue ;; esac
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done < scripts/packages.txt
[ ${#missing[@]} -eq 0 ] && exit 0
echo "installing: ${missing[*]}"
sudo=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "run as root, or install sudo: packages are missing: ${missing[*]}" >&2; exit 1; }
  sudo=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
