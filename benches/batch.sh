#!/usr/bin/env bash
# Files batches of a thousand, ten thousand and a hundred thousand rows, on the embedded platform and over a server, and
# prints for each the rows a second and the peak memory of the tool and of the server; then how long the same batch takes
# when it is started again with everything filed.
#
#   cargo build --release && benches/batch.sh [BINARY] [ROWS...]
#
# Wants Linux (/proc) and bash 5; curl for the part with a server.
set -euo pipefail

binary=$(realpath "${1:-$(dirname "$0")/../target/release/appeal}")
shift || true
sizes=("$@")
if ((${#sizes[@]} == 0)); then sizes=(1000 10000 100000); fi
dir=$(mktemp -d)
server=
cleanup() {
    if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; fi
    rm -rf "$dir"
}
trap cleanup EXIT

export XDG_CONFIG_HOME=$dir/config XDG_DATA_HOME=$dir/xdg LANG=C.UTF-8
unset APPEAL_PROFILE APPEAL_OUTPUT APPEAL_LANG APPEAL_TOKEN APPEAL_SERVER APPEAL_DATA_DIR

# Peak memory of a process that runs, in MiB.
peak() { awk '/^VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$1/status" 2>/dev/null || true; }

rows() {
    awk -v rows="$1" 'BEGIN {
        print "key,subject,text,category"
        for (n = 1; n <= rows; n++)
            printf "r%d,House %d: no hot water,\"Since 3 November 2026 there is no hot water in house %d of Field Street, flat %d. Please repair the riser by 20 November.\",housing\n", n, n, n, n % 97
    }'
}

# Files a batch and prints what it took: its name, its file.
filed() {
    local name=$1 file=$2 count=$3 from to most=0 now tool code=0
    from=${EPOCHREALTIME/[.,]/}
    "$binary" batch submit "$file" --journal "$file.journal" -o jsonl >/dev/null 2>"$dir/err" &
    tool=$!
    while kill -0 "$tool" 2>/dev/null; do
        now=$(peak "$tool")
        if [[ -n $now ]] && ((now > most)); then most=$now; fi
        sleep 0.05
    done
    wait "$tool" || code=$?
    to=${EPOCHREALTIME/[.,]/}
    if ((code != 0)); then
        echo "$name: exit $code" >&2
        tail -n 3 "$dir/err" >&2
        exit 1
    fi
    awk -v name="$name" -v rows="$count" -v us="$((to - from))" -v most="$most" -v server="${server:+$(peak "$server")}" 'BEGIN {
        printf "%-30s %8.1f s %8.0f rows/s   peak %4d MiB", name, us / 1e6, rows / us * 1e6, most
        if (server != "") printf "   server %4d MiB", server
        printf "\n"
    }'
}

for size in "${sizes[@]}"; do
    rows "$size" >"$dir/$size.csv"
    export APPEAL_SERVER=local APPEAL_DATA_DIR=$dir/data-$size
    filed "embedded, $size rows" "$dir/$size.csv" "$size"
    filed "embedded, $size filed before" "$dir/$size.csv" "$size"
    rm -rf "$APPEAL_DATA_DIR" "$dir/$size.csv.journal"
done

if ! command -v curl >/dev/null; then
    echo 'curl is not installed: the part with a server is left out' >&2
    exit 0
fi
for size in "${sizes[@]}"; do
    export APPEAL_SERVER=local APPEAL_DATA_DIR=$dir/served-$size
    unset APPEAL_TOKEN
    "$binary" list -q >/dev/null
    database=sqlite:$APPEAL_DATA_DIR/appeal.db
    token=$("$binary" --as admin --database "$database" auth token create --for applicant --scope read,file --expires 1d -q)
    port=$((20000 + RANDOM % 20000))
    "$binary" serve --listen "127.0.0.1:$port" --database "$database" >/dev/null 2>&1 &
    server=$!
    until curl -fs "http://127.0.0.1:$port/readyz" >/dev/null; do
        if ! kill -0 "$server" 2>/dev/null; then
            echo "the server did not start on port $port" >&2
            exit 1
        fi
        sleep 0.05
    done
    export APPEAL_SERVER=http://127.0.0.1:$port APPEAL_TOKEN=$token
    filed "served, $size rows" "$dir/$size.csv" "$size"
    filed "served, $size filed before" "$dir/$size.csv" "$size"
    kill "$server"
    wait "$server" || true
    server=
    rm -rf "$APPEAL_DATA_DIR"
done
