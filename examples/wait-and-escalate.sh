#!/usr/bin/env bash
# A CI job that waits for the answer to an appeal, and takes it to a higher level when the answer is overdue.
#
#   APPEAL_SERVER=local examples/wait-and-escalate.sh NUMBER [PATIENCE [LEVEL]]
#
# PATIENCE  how long one run waits: 90s, 15m, 2h (default 10m)
# LEVEL     where an overdue appeal is taken: senior (default), quality, regional, federal, ombudsman
#
# Ends with 0 when there is an answer, 75 when there is none yet and it is not due: run it again later, 76 when the
# appeal was escalated. Other codes are those of appeal.
set -euo pipefail

number=${1:?a number}
patience=${2:-10m}
level=${3:-senior}
: "${APPEAL_SERVER:?choose a platform: a URL, or local}"

status=0
appeal wait "$number" --for answered,awaiting_confirmation,completed,rejected --timeout "$patience" --quiet >/dev/null ||
    status=$?

case $status in
0)
    appeal show "$number" --jq '.answers[-1] | "\(.decision): \(.text)"'
    exit 0
    ;;
8)
    # Time ran out. Whether the authority is late is a question of its own deadline, not of our patience.
    ;;
*)
    exit "$status"
    ;;
esac

overdue=$(appeal show "$number" --jq .overdue)
if [[ $overdue != true ]]; then
    due=$(appeal show "$number" --jq .due_at)
    echo "$number: no answer yet; it is due at $due" >&2
    exit 75
fi

# The key makes this safe to repeat: one escalation for an appeal and a level, however often the job is started again.
status=0
appeal escalate "$number" --level "$level" --grounds overdue \
    --reason "The answer was due at $(appeal show "$number" --jq .due_at) and has not come." \
    --idempotency-key "escalate-$number-$level" --quiet >/dev/null || status=$?
case $status in
0)
    echo "$number: overdue; taken to the level: $level" >&2
    exit 76
    ;;
6)
    # Answered or escalated by somebody else meanwhile.
    echo "$number: cannot be escalated now" >&2
    exit 6
    ;;
*)
    exit "$status"
    ;;
esac
