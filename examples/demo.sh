#!/usr/bin/env bash
# Installs what is missing, builds, and shows a traced shop: two HTTP services and a driver that
# sends them requests, their traces kept by xrayd's local backend and shown in its console.
#   examples/demo.sh          runs until Ctrl-C
#   examples/demo.sh --check  on free ports, verifies what it reads back, stops, ends with 0 or 1
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

check=
case ${1-} in
  '') ;;
  --check) check=yes ;;
  *) sed -n '2,5p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac

# shellcheck source=cmake/dependencies.sh
. cmake/dependencies.sh

bin=build/demo/bin
scratch=$(mktemp -d "${TMPDIR:-/tmp}/xray-demo.XXXXXX")
running=()
requests=200

stop_all() {
  local index
  for ((index = ${#running[@]} - 1; index >= 0; index--)); do
    kill "${running[index]}" 2>/dev/null || true
    wait "${running[index]}" 2>/dev/null || true
  done
  running=()
}
trap 'stop_all; rm -rf -- "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

give_up() {
  echo "FAILED: $*" >&2
  exit 1
}

# start NAME COMMAND...: in the background, its output in $scratch/NAME.log.
start() {
  local name=$1
  shift
  : >"$scratch/$name.log"
  "$@" >"$scratch/$name.log" 2>&1 </dev/null &
  running+=($!)
}

# said NAME REGEX: waits for a line of a program's log and prints what the regex's group matched.
said() {
  local name=$1 regex=$2 line pid=${running[-1]}
  for _ in {1..200}; do
    line=$(grep -oE -m1 "$regex" "$scratch/$name.log" || true)
    if [ -n "$line" ]; then
      [[ $line =~ $regex ]]
      echo "${BASH_REMATCH[1]}"
      return
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 5 "$scratch/$name.log" >&2
  return 1
}

start_xrayd() {  # start_xrayd PORT
  start xrayd "$bin/xrayd" --backend local --data-dir "$scratch/data" \
    --bind "127.0.0.1:$1" --bind-tcp "127.0.0.1:$1"
  udp=$(said xrayd 'receiving on udp (127\.0\.0\.1:[0-9]+)') &&
    tcp=$(said xrayd 'receiving on udp .*tcp (127\.0\.0\.1:[0-9]+)')
}

install_dependencies build examples || give_up "packages are missing"

echo "building (the first time takes a few minutes) ..."
{
  cmake -S . -B build/demo -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DXRAY_BUILD_TESTS=OFF -DXRAY_BUILD_BENCH=OFF &&
    cmake --build build/demo --parallel "$(nproc)" --target xrayd storefront inventory shopper
} >"$scratch/build.log" 2>&1 || { tail -n 40 "$scratch/build.log"; give_up "the build"; }

if [ -n "$check" ]; then
  start_xrayd 0 || give_up "xrayd did not start"
elif ! start_xrayd 2000 2>"$scratch/port.log"; then
  stop_all
  echo "cannot use port 2000, taking a free one; xrayd said: $(tail -n 1 "$scratch/port.log")"
  start_xrayd 0 || give_up "xrayd did not start"
fi
export AWS_XRAY_DAEMON_ADDRESS="udp:$udp tcp:$tcp"
export AWS_XRAY_SAMPLER=always  # none of the shop's requests is left out, from the first on

start inventory "$bin/inventory" --port 0 --database "$scratch/inventory.db"
inventory=$(said inventory 'listening on (127\.0\.0\.1:[0-9]+)') ||
  give_up "inventory did not start"
start storefront "$bin/storefront" --port 0 --inventory "http://$inventory"
storefront=$(said storefront 'listening on (127\.0\.0\.1:[0-9]+)') ||
  give_up "storefront did not start"

echo "sending requests to storefront at http://$storefront, which calls http://$inventory"
"$bin/shopper" --storefront "http://$storefront" --requests "$requests" --rate 100 ||
  give_up "the shopper got no answers"

if [ -n "$check" ]; then
  python3 -B examples/read_traces.py --check "$requests" "http://$tcp" ||
    give_up "what was read back is not what was sent"
  for pid in "${running[@]}"; do
    kill -0 "$pid" 2>/dev/null || give_up "a program ended by itself"
  done
  stop_all
  echo "PASSED: the shop was traced, and its traces read back through the X-Ray API"
  exit 0
fi

python3 -B examples/read_traces.py "http://$tcp"
start shopper "$bin/shopper" --storefront "http://$storefront" --requests 1 --rate 2 --forever
cat <<TEXT

The shop's service map:  http://$tcp/
  1. Click the ring named storefront: how long its requests took, and how they ended.
  2. Leave only Fault ticked and click "View traces": the requests that failed.
  3. Click one of them: where its time went, and the exception with its cause.

X-Ray API:   aws xray get-trace-summaries --endpoint-url http://$tcp \\
               --no-sign-request --region us-east-1 \\
               --start-time \$(date -d '5 minutes ago' +%s) --end-time \$(date +%s)
storefront:  http://$storefront/
Light traffic goes on; Ctrl-C stops everything and removes its data.
TEXT
if [ -t 1 ] && [ -n "${DISPLAY-}${WAYLAND_DISPLAY-}" ] && command -v xdg-open >/dev/null; then
  xdg-open "http://$tcp/" >/dev/null 2>&1 || true
fi
trap 'echo; echo "stopped"; exit 0' INT
wait -n "${running[@]}" || true
tail -qn 1 "$scratch"/*.log
give_up "a program ended by itself"
