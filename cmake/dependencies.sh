#!/usr/bin/env bash
# Installs the Debian packages that this project needs and the machine lacks.
#
#   cmake/dependencies.sh GROUP...        groups: build examples tests ci
#   . cmake/dependencies.sh; install_dependencies GROUP...
#
# What is there already is left alone. Where apt would have to remove a package of yours to install
# one of ours (libboost1.81-dev and Boost 1.74's do not live together), ours is unpacked under
# build/deps instead, and CMAKE_PREFIX_PATH is exported so that CMake looks there first.

dependencies_root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
dependencies_unpacked=$dependencies_root/build/deps

# One line each: group | why | packages. "command=package" is satisfied by the command, wherever it
# comes from; a bare name by the Debian package.
dependencies_table() {
  cat <<'TABLE'
build    | compiler and build tools               | g++ cmake=cmake ninja=ninja-build ccache=ccache
build    | HTTP server of the daemon and examples | libboost1.81-dev
build    | JSON                                   | rapidjson-dev
build    | trace store                            | libsqlite3-dev libzstd-dev
build    | log and cfg.yaml of the daemon         | libspdlog-dev libyaml-cpp-dev
build    | TLS of xray::eks and of the daemon     | libssl-dev
examples | HTTP client of the example services    | libcurl4-openssl-dev
examples | reads the traces back                  | curl=curl python3
tests    | unit tests and benchmarks              | libgtest-dev libgmock-dev libbenchmark-dev
tests    | tests written in Python, JSON schema   | python3 python3-jsonschema
tests    | X-Ray clients to test against          | awscli python3-boto3 python3-aws-xray-sdk
tests    | AWS signatures, endpoints and profiles | python3-botocore
tests    | X-Ray clients in JavaScript            | node=nodejs npm=npm ca-certificates
tests    | browser that opens the console         | chromium fonts-dejavu-core
tests    | HTTP library to trace                  | libcpp-httplib-dev pkg-config=pkg-config
tests    | client libraries to trace              | libpq-dev libmariadb-dev libhiredis-dev libmongoc-dev
tests    | RPC library to trace                   | libgrpc++-dev protobuf-compiler-grpc
tests    | servers that they call                 | nginx-light postgresql mariadb-server redis-server
tests    | a server of MongoDB's wire protocol    | python3-mockupdb
tests    | programs to trace unmodified           | sqlite3 git libredis-fast-perl
tests    | Python modules to trace unmodified     | python3-pycurl python3-psycopg2 python3-mysqldb
ci       | fuzzers, format and naming rules       | clang libclang-rt-14-dev clang-format clang-tidy
ci       | checks the shell scripts               | shellcheck
ci       | counts instructions                    | valgrind=valgrind
ci       | makes and checks the Debian package    | dpkg-shlibdeps=dpkg-dev file=file systemd-analyze=systemd
ci       | a Debian to install the package in     | debootstrap
ci       | builds for AArch64 and runs it there   | g++-aarch64-linux-gnu googletest qemu-aarch64=qemu-user
TABLE
}

dependencies_fail() {
  printf 'dependencies: %s\n' "$*" >&2
  return 1
}

dependencies_present() {  # dependencies_present ITEM
  case $1 in
    *=*) command -v "${1%%=*}" >/dev/null ;;
    *)
      [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ||
        [ -e "$dependencies_unpacked/.unpacked/$1" ]
      ;;
  esac
}

dependencies_as_root() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# Runs a command quietly; shows the end of what it said when it fails.
dependencies_quietly() {
  local log=$dependencies_unpacked/apt.log
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 15 "$log" >&2
    dependencies_fail "this failed: $*"
  fi
}

dependencies_simulate() {
  LC_ALL=C apt-get -s -qq install --no-install-recommends "$@" 2>&1
}

# Unpacks a package, and what it needs and the machine lacks, beside the system.
dependencies_unpack() {  # dependencies_unpack PACKAGE
  local plan names archive
  plan=$(dependencies_simulate "$1") || return 1
  mapfile -t names < <(awk '$1 == "Inst" { print $2 }' <<<"$plan")
  mkdir -p "$dependencies_unpacked/archives" "$dependencies_unpacked/.unpacked"
  (cd "$dependencies_unpacked/archives" &&
    dependencies_quietly apt-get -o APT::Sandbox::User=root download "${names[@]}") || return 1
  for archive in "$dependencies_unpacked"/archives/*.deb; do
    dpkg -x "$archive" "$dependencies_unpacked" || return 1
  done
  rm -r "$dependencies_unpacked/archives"
  : >"$dependencies_unpacked/.unpacked/$1"
}

install_dependencies() {  # install_dependencies GROUP...
  local group wanted why items item package plan
  local -a lacking=() install=() unpack=()

  if ! command -v apt-get >/dev/null; then
    dependencies_fail "apt-get is not here; cmake/dependencies.sh lists what is needed"
    return 1
  fi
  for group in "$@"; do
    dependencies_table | grep -q "^$group " ||
      { dependencies_fail "no such group: $group"; return 1; }
    while IFS='|' read -r wanted why items; do
      for item in $items; do
        package=${item#*=}
        if [ "${wanted%% *}" != "$group" ] || dependencies_present "$item"; then continue; fi
        if [[ " ${lacking[*]} " == *" $package "* ]]; then continue; fi
        lacking+=("$package")
        printf 'missing: %-22s %s\n' "$package" "$(sed 's/^ *//; s/ *$//' <<<"$why")"
      done
    done < <(dependencies_table)
  done

  if [ ${#lacking[@]} -gt 0 ]; then
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
      dependencies_fail "neither root nor sudo; please have these installed: ${lacking[*]}"
      return 1
    fi
    mkdir -p "$dependencies_unpacked"
    echo "asking apt what it would do ..."
    dependencies_quietly dependencies_as_root apt-get update -qq ||
      echo "going on with the package lists that are here"
    for package in "${lacking[@]}"; do
      plan=$(dependencies_simulate "$package") ||
        { dependencies_fail "apt cannot install $package: $(tail -n 3 <<<"$plan")"; return 1; }
      if grep -q '^Remv' <<<"$plan"; then unpack+=("$package"); else install+=("$package"); fi
    done
    if [ ${#install[@]} -gt 0 ]; then
      echo "installing with apt: ${install[*]}"
      dependencies_quietly dependencies_as_root apt-get install -y -qq --no-install-recommends \
        --no-remove "${install[@]}" || return 1
    fi
    for package in ${unpack[@]+"${unpack[@]}"}; do
      echo "unpacking $package under build/deps (installing it would remove packages of yours)"
      dependencies_unpack "$package" || return 1
    done
  fi
  if [ -d "$dependencies_unpacked/usr" ]; then
    export CMAKE_PREFIX_PATH="$dependencies_unpacked/usr${CMAKE_PREFIX_PATH:+:$CMAKE_PREFIX_PATH}"
    echo "CMAKE_PREFIX_PATH=$CMAKE_PREFIX_PATH"
  fi
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
  [ $# -gt 0 ] || { sed -n '2,9p' "$0"; exit 2; }
  install_dependencies "$@"
fi
