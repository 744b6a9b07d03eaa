#!/usr/bin/env bash
# Installs what is missing, builds the release preset and runs every test.
#   tests/run.sh         every test
#   tests/run.sh --ci    the same, then format, naming rules, shell scripts, the console's build,
#                        the Debian package in a Debian of its own (as root), address,
#                        undefined-behaviour and thread sanitizers, the SDK's unit tests on AArch64
#                        under qemu, ten seconds of each fuzzer
# Ends with one line that says how it went, and with 0 when all went well.
# shellcheck disable=SC2317  # the functions are called by name, through stage
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

ci=
case ${1-} in
  '') ;;
  --ci) ci=yes ;;
  *) sed -n '2,8p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac

# shellcheck source=cmake/dependencies.sh
. cmake/dependencies.sh

jobs=$(nproc)
failed=()
skipped=()
timings=()
broken_tests=()
second_try=()
scratch=$(mktemp -d "${TMPDIR:-/tmp}/xray-tests.XXXXXX")
trap 'rm -rf -- "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# stage NAME COMMAND...: runs it, notes how long it took and whether it failed, goes on either way.
stage() {
  local name=$1 start=$SECONDS state=ok
  shift
  printf '\n== %s\n' "$name"
  if ! "$@"; then
    state=FAILED
    failed+=("$name")
  fi
  timings+=("$(printf '%6d s  %-6s  %s' $((SECONDS - start)) "$state" "$name")")
}

# A stage that the rest cannot do without.
needed_stage() {
  stage "$@"
  [ ${#failed[@]} -eq 0 ] || verdict
}

verdict() {
  printf '\n== time\n'
  printf '%s\n' "${timings[@]}"
  printf '%6d s  in all\n\n' "$SECONDS"
  [ ${#skipped[@]} -eq 0 ] || printf 'NOT RUN: %s\n' "${skipped[@]}"
  [ ${#second_try[@]} -eq 0 ] || printf 'PASSED ON THE SECOND TRY ONLY: %s\n' "${second_try[@]}"
  if [ ${#failed[@]} -gt 0 ]; then
    local names
    names=$(printf ', %s' "${failed[@]}")
    [ ${#broken_tests[@]} -eq 0 ] || printf 'not passed: %s\n' "${broken_tests[@]}"
    echo "FAILED: ${names:2}"
    exit 1
  fi
  echo "PASSED: ${#timings[@]} stages${ci:+, all of CI}"
  exit 0
}

build() {  # build PRESET [TARGET]
  cmake --preset "$1" && cmake --build --preset "$1" --parallel "$jobs" --target "${2-all}"
}

# What fails is run once more, alone: a machine that stalls for seconds breaks a promise about time
# that the program kept. What passes only then is named at the end, for somebody to look at.
tested() {  # tested PRESET OPTION...
  local preset=$1 name log=build/$1/Testing/Temporary/LastTestsFailed.log
  local -a names again=()
  shift
  rm -f "$log"
  ctest --preset "$preset" --parallel "$jobs" "$@" && return 0
  [ -e "$log" ] || return 1
  mapfile -t names < <(sed 's/^[^:]*://' "$log")
  if [ ${#names[@]} -le 3 ]; then
    rm -f "$log"
    if ctest --preset "$preset" "$@" --tests-regex "^($(IFS='|'; echo "${names[*]//[.+]/.}"))\$"; then
      for name in "${names[@]}"; do second_try+=("$preset: $name"); done
      return 0
    fi
    mapfile -t again < <(sed 's/^[^:]*://' "$log")
  fi
  [ ${#again[@]} -gt 0 ] || again=("${names[@]}")
  for name in "${again[@]}"; do broken_tests+=("$preset: $name"); done
  return 1
}

# Documents that any test's SDK emits land in XRAY_DOCUMENTS_DIR and are checked afterwards.
every_test() {
  mkdir -p "$scratch/documents"
  XRAY_DOCUMENTS_DIR=$scratch/documents tested release
}

documents_fit_the_schema() {
  /usr/bin/python3 -B tests/conformance/check_documents.py --at-least 20 "$scratch/documents"
}

# As an ordinary user with the kernel's stock limits. The checkout may be unreadable to that user,
# so the programs are copied, and what needs files of it is left out: programs with libraries there,
# and tests that open some.
unit_tests_as_an_ordinary_user() {
  local home=$scratch/nobody program state=0
  local -a in_the_checkout=('*_in_the_readme' 'Readme.*' 'GoldenDocument.*' 'KeepLoaded.*'
    'CurlAws.an_attempt_that_waits_for_the_next_outlives_its_libcurl'
    'CurlEasy.the_other_libcurl_is_traced_beside_the_first')
  mkdir -p "$home/bin" "$home/tmp"
  cp build/release/bin/unit_* "$home/bin/"
  chmod 755 "$scratch"
  chown -R nobody "$home"
  for program in "$home"/bin/unit_*; do
    if readelf --dynamic "$program" | grep -q "PATH.*\[.*$PWD/build"; then continue; fi
    echo "${program##*/}"
    (cd "$home" && HOME=$home TMPDIR=$home/tmp XDG_STATE_HOME=$home/state \
      setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all \
      "$program" --gtest_brief=1 --gtest_filter="-$(IFS=:; echo "${in_the_checkout[*]}")") || state=1
  done
  return "$state"
}

our_sources() {  # our_sources PATTERN...
  git ls-files --cached --others --exclude-standard -- "$@"
}

formatted() {
  our_sources '*.cpp' '*.hpp' '*.ipp' | xargs -r clang-format --dry-run --Werror
}

# Each source once, though some are built in several forms: with the library's headers rather than
# all of its code, where there is the choice. Tests are not looked at: they run under three
# sanitizers, which find what the static analyzer would guess at.
tidy() {
  mkdir -p "$scratch/tidy"
  python3 -B - build/release/compile_commands.json "$scratch/tidy/compile_commands.json" <<'PYTHON'
import json, sys
entries = json.load(open(sys.argv[1]))
entries.sort(key=lambda entry: "-DXRAY_HEADER_ONLY" not in entry["command"])
commands = {entry["file"]: entry for entry in entries}
json.dump(list(commands.values()), open(sys.argv[2], "w"))
PYTHON
  # The build is GCC's: some of its options are unknown to clang, whose version 14 reads coroutines
  # but says so by an older name than the library asks for. RapidJSON's iterators are older than
  # C++20's rules for comparing them.
  run-clang-tidy -quiet -j "$jobs" -p "$scratch/tidy" -extra-arg=-Wno-unknown-warning-option \
    -extra-arg=-Wno-ambiguous-reversed-operator \
    -extra-arg=-D__cpp_impl_coroutine=201902L \
    "^$PWD/(sdk|instrumentation|daemon|examples|bench)/" >"$scratch/tidy.log" 2>&1 && return 0
  sed 's/\x1b\[[0-9;]*m//g' "$scratch/tidy.log" | grep -E '(warning|error):' | sort -u | head -n 40
  return 1
}

shell_scripts() {
  our_sources '*.sh' .ci/run 'daemon/packaging/deb/p*' | xargs -r shellcheck -x
}

console_is_built_from_its_sources() {
  tests/npm_packages.sh daemon/console && npm --prefix daemon/console run --silent check
}

sanitized() {  # sanitized PRESET LABELS
  build "$1" && tested "$1" --label-regex "$2"
}

# Built, installed with apt into a Debian 12 of its own, run there, removed and purged.
debian_package() {
  tested release --build-config package --tests-regex debian_package
}

aarch64_under_qemu() {
  build aarch64 && tested aarch64
}

# Ten seconds of each fuzzer, as many at a time as there are processors.
fuzz_briefly() {  # fuzz_briefly FUZZER
  local name=${1##*/}
  mkdir -p "$scratch/$name/corpus"
  if ! (cd "$scratch/$name" &&
    "$1" -max_total_time=10 -print_final_stats=1 corpus >log 2>&1); then
    echo "$name: FAILED"
    tail -n 40 "$scratch/$name/log"
    return 1
  fi
  echo "$name:" "$(grep -E 'number_of_executed_units|peak_rss' "$scratch/$name/log" | xargs)"
}

fuzzers() {
  build fuzz fuzzers || return 1
  export scratch
  export -f fuzz_briefly
  # shellcheck disable=SC2016  # the inner shell's argument
  printf '%s\0' "$PWD"/build/fuzz/bin/fuzz_* |
    xargs -0 -n 1 -P "$jobs" bash -c 'fuzz_briefly "$1"' fuzz_briefly
}

groups=(build examples tests)
[ -z "$ci" ] || groups+=(ci)
needed_stage "packages" install_dependencies "${groups[@]}"
if [ -n "$ci" ]; then
  stage "format" formatted
  stage "shell scripts" shell_scripts
fi
needed_stage "build" build release
stage "tests" every_test
stage "documents of all tests fit the schema" documents_fit_the_schema
if [ "$(id -u)" = 0 ]; then
  stage "unit tests as an ordinary user" unit_tests_as_an_ordinary_user
fi
if [ -n "$ci" ]; then
  if [ "$(id -u)" = 0 ]; then
    stage "Debian package" debian_package
  else
    skipped+=("Debian package (needs root)")
  fi
  stage "console is built from its sources" console_is_built_from_its_sources
  stage "naming rules and static analysis" tidy
  stage "address and undefined-behaviour sanitizers" sanitized asan 'unit|integration'
  stage "thread sanitizer" sanitized tsan 'unit|integration'
  stage "AArch64 under qemu" aarch64_under_qemu
  stage "fuzzers" fuzzers
else
  skipped+=("Debian package's installation (CI has it, as root)")
fi
verdict
