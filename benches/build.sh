#!/usr/bin/env bash
# Measures what building costs: processor time and duration of each build, sizes of the binaries and of `target/debug`.
# Every build starts in an empty target folder outside the repository. Run it with nothing else on the machine.
#
#   benches/build.sh [release|dist|client|tests|touch]...
#
# Without arguments it does all of them, which takes about 40 minutes on two cores. Wants bash 5, GNU coreutils.
set -euo pipefail

cd "$(dirname "$0")/.."
wanted=("$@")
if ((${#wanted[@]} == 0)); then wanted=(release client tests touch dist); fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/appeal-build-XXXXXX")
# The source of one command, which the last two builds find changed.
command_source=src/cli/commands/comment.rs
trap 'rm -rf "$scratch"' EXIT

TIMEFORMAT='%R %U %S'

# Runs a build and prints its name, its duration and its processor time.
timed() {
    local name=$1 times
    shift
    times=$({ time "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }; } 2>&1) || { echo "$times" >&2; exit 1; }
    awk -v name="$name" '{ printf "%-44s %4d:%02d elapsed  %5.1f CPU-minutes\n", name, $1 / 60, $1 % 60, ($2 + $3) / 60 }' <<<"$times"
}

# Prints the size of a file or folder in MB, as `ls` and `du` count it.
size() {
    printf '%-44s %8.1f MB\n' "$1" "$(du --apparent-size -sb "$2" | awk '{ print $1 / 1e6 }')"
}

for build in "${wanted[@]}"; do
    export CARGO_TARGET_DIR=$scratch/$build
    case $build in
        release)
            timed 'cargo build --release' cargo build --release --locked
            size 'target/release/appeal' "$CARGO_TARGET_DIR/release/appeal"
            ;;
        dist)
            timed 'cargo build --profile dist' cargo build --profile dist --locked
            size 'target/dist/appeal' "$CARGO_TARGET_DIR/dist/appeal"
            ;;
        client)
            timed 'client only, release' cargo build -p appeal --release --no-default-features --locked
            size 'client only, target/release/appeal' "$CARGO_TARGET_DIR/release/appeal"
            timed 'client only, dist' cargo build -p appeal --profile dist --no-default-features --locked
            size 'client only, target/dist/appeal' "$CARGO_TARGET_DIR/dist/appeal"
            ;;
        tests)
            timed 'cargo test --no-run' cargo test --no-run --locked
            size 'target/debug' "$CARGO_TARGET_DIR/debug"
            timed 'cargo test' cargo test --locked
            ;;
        touch)
            if [[ -d $scratch/tests ]]; then export CARGO_TARGET_DIR=$scratch/tests; fi
            cargo build --locked >/dev/null 2>&1
            cargo test --no-run --locked >/dev/null 2>&1
            touch "$command_source"
            timed 'cargo build, one command touched' cargo build --locked
            touch "$command_source"
            timed 'cargo test --no-run, one command touched' cargo test --no-run --locked
            ;;
        *)
            echo "unknown build '$build'; expected release, dist, client, tests or touch" >&2
            exit 2
            ;;
    esac
    if [[ $build != tests ]]; then rm -rf "$CARGO_TARGET_DIR"; fi
done
