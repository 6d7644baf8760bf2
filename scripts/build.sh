#!/usr/bin/env bash
# build.sh PRESET [TARGET...]: installs what is missing, configures once, builds.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
scripts/fetch-duckdb.sh
if [ ! -f "build/$preset/build.ninja" ]; then
  cmake --preset "$preset" >"build/$preset.cmake.log" 2>&1 || { cat "build/$preset.cmake.log"; exit 1; }
fi
log="build/$preset.build.log"
if ! ninja -C "build/$preset" -k 20 "$@" >"$log" 2>&1; then
  grep -E -A12 'FAILED|error:' "$log" | head -n 200
  exit 1
fi
