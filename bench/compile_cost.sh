#!/usr/bin/env bash
# What `#include <xray/xray.hpp>` costs a translation unit that does nothing else: CPU time of the
# compiler at -O0, best of seven runs, beside that of an empty one and of <string> alone.
#
#   bench/compile_cost.sh [COMPILER]      g++ when not said
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

compiler=${1-g++}
runs=7
folder=$(mktemp -d "${TMPDIR:-/tmp}/xray-compile.XXXXXX")
trap 'rm -rf -- "$folder"' EXIT

# cost NAME SOURCE OPTION...: prints the least CPU time of several runs.
cost() {
  local name=$1 source=$2 best='' spent
  shift 2
  printf '%s\n' "$source" >"$folder/unit.cpp"
  for ((i = 0; i < runs; ++i)); do
    spent=$({ TIMEFORMAT='%U %S'; time "$compiler" -O0 -I sdk/include "$@" -c "$folder/unit.cpp" \
      -o "$folder/unit.o"; } 2>&1 | awk 'END { printf "%.3f", $1 + $2 }')
    if [ -z "$best" ] || awk "BEGIN { exit !($spent < $best) }"; then best=$spent; fi
  done
  printf '%7s s  %s\n' "$best" "$name"
}

"$compiler" --version | head -n 1
for standard in 17 20; do
  cost "C++$standard  nothing" '' "-std=c++$standard"
  cost "C++$standard  <string>" '#include <string>' "-std=c++$standard"
  cost "C++$standard  <xray/xray.hpp>, compiled library" '#include <xray/xray.hpp>' \
    "-std=c++$standard"
  cost "C++$standard  <xray/xray.hpp>, header only" '#include <xray/xray.hpp>' \
    "-std=c++$standard" -DXRAY_HEADER_ONLY
done
