#!/usr/bin/env bash
# Times whole processes of a release build: a list and a filing on data that exists, a server's start until it is
# ready, and, for comparison in the same run, one durable INSERT by the sqlite3 command.
#
#   cargo build --release && benches/startup.sh [RUNS] [BINARY]
#
# Prints the minimum and the median of each in milliseconds. Wants bash 5; sqlite3 and curl where they are there.
set -euo pipefail

runs=${1:-20}
binary=${2:-$(dirname "$0")/../target/release/appeal}
binary=$(realpath "$binary")
dir=$(mktemp -d)
server=
cleanup() {
    if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; fi
    rm -rf "$dir"
}
trap cleanup EXIT

export APPEAL_SERVER=local APPEAL_DATA_DIR=$dir/data XDG_CONFIG_HOME=$dir/config
unset APPEAL_PROFILE APPEAL_OUTPUT APPEAL_LANG

# Runs a command so many times; prints its name, the fastest and the middle run.
timed() {
    local name=$1 n from to
    shift
    local -a spent=()
    "$@" >/dev/null
    for ((n = 0; n < runs; n++)); do
        from=${EPOCHREALTIME/[.,]/}
        "$@" >/dev/null
        to=${EPOCHREALTIME/[.,]/}
        spent+=("$((to - from))")
    done
    report "$name" "${spent[@]}"
}

report() {
    local name=$1
    shift
    printf '%s\n' "$@" | sort -n | awk -v name="$name" '
        { t[NR] = $1 }
        END { printf "%-28s min %7.1f ms   median %7.1f ms   (%d runs)\n", name, t[1] / 1000, t[int((NR + 1) / 2)] / 1000, NR }'
}

create() {
    "$binary" create -q --category general --subject 'Не горят фонари во дворе' \
        --text 'Во дворе дома 7 по улице Полевой с 3 ноября не горят три фонаря. Прошу заменить лампы.'
}

insert() {
    sqlite3 "$dir/floor.db" \
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; INSERT INTO t VALUES (hex(randomblob(2000)));"
}

timed 'appeal --version' "$binary" --version
timed 'appeal list' "$binary" list
timed 'appeal create' create
if command -v sqlite3 >/dev/null; then
    sqlite3 "$dir/floor.db" 'PRAGMA journal_mode=WAL; CREATE TABLE t (v TEXT);' >/dev/null
    timed 'sqlite3 INSERT' insert
else
    echo 'sqlite3 is not installed: no comparison' >&2
fi

if command -v curl >/dev/null; then
    spent=()
    for ((n = 0; n < runs; n++)); do
        port=$((20000 + RANDOM % 20000))
        from=${EPOCHREALTIME/[.,]/}
        "$binary" serve --listen "127.0.0.1:$port" --database "sqlite:$dir/data/appeal.db" >/dev/null 2>&1 &
        server=$!
        until curl -fs "http://127.0.0.1:$port/readyz" >/dev/null; do
            if ! kill -0 "$server" 2>/dev/null; then
                echo "the server did not start on port $port" >&2
                exit 1
            fi
            sleep 0.002
        done
        to=${EPOCHREALTIME/[.,]/}
        spent+=("$((to - from))")
        kill "$server"
        wait "$server" || true
        server=
    done
    report 'appeal serve until /readyz' "${spent[@]}"
else
    echo 'curl is not installed: the start of a server is left out' >&2
fi
