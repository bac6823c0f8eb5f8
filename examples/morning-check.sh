#!/usr/bin/env bash
# The morning round of an organization: what changed since the last run, what is overdue, what waits for us.
#
#   APPEAL_SERVER=local examples/morning-check.sh [--organization INN] [STATE]
#
# STATE   folder that remembers where the last run stopped; ~/.local/state/appeal unless given
#
# Ends with 0 when nothing needs us, and with 100 when something does, so that a scheduler can raise an alarm. Other
# codes are those of appeal: nothing was checked to its end.
set -euo pipefail

organization=()
if [[ ${1:-} == --organization ]]; then
    organization=(--organization "${2:?an INN}")
    shift 2
fi
state=${1:-${XDG_STATE_HOME:-$HOME/.local/state}/appeal}
: "${APPEAL_SERVER:?choose a platform: a URL, or local}"
mkdir -p "$state"

section() { printf '\n== %s\n' "$1"; }

# Prints the rows of a list, and adds their count to `found`.
found=0
show() {
    local rows
    rows=$(appeal list "${organization[@]}" --all -o plain --columns number,status,due_at,subject "$@")
    if [[ -n $rows ]]; then
        printf '%s\n' "$rows"
        found=$((found + $(wc -l <<<"$rows")))
    else
        echo "none"
    fi
}

section "Changed since the last run"
# The first run looks a week back; every later one goes on where the last one stopped.
appeal changes --cursor-file "$state/morning.cursor" --since 7d -o plain --columns at,number,status,summary

section "Overdue"
show --overdue

section "The authority asks us"
show --status clarification_required

section "Answered: confirm, or say what is missing"
show --status answered,awaiting_confirmation

if ((found > 0)); then
    printf '\n%d to look at.\n' "$found"
    exit 100
fi
printf '\nNothing waits for us.\n'
