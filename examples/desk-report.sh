#!/usr/bin/env bash
# The evening round of a department: what is overdue, what is due next and how that was counted, and the numbers of a
# period as CSV and as a page with charts. For an operator or a supervisor.
#
#   APPEAL_SERVER=local examples/desk-report.sh [FOLDER [FROM [TO]]]
#
# FOLDER  where report.csv, report.html and deadlines.txt are written; the present one unless given
# FROM    first day of the period, or a span back from now; 30d unless given
# TO      the day after its last one; tomorrow unless given
#
# Needs a token of the scopes operate and report (APPEAL_TOKEN, --token-file in the profile); on the embedded platform
# it acts as its operator. Ends with 0 when nothing is overdue, and with 100 when something is.
set -euo pipefail

folder=${1:-.}
from=${2:-30d}
to=${3:-}
: "${APPEAL_SERVER:?choose a platform: a URL, or local}"
who=()
if [[ $APPEAL_SERVER == local ]]; then
    who=(--as operator)
fi
mkdir -p "$folder"

overdue=$(appeal operator queue "${who[@]}" --overdue --all --sort due_at -o plain --columns number,due_at,subject)
echo "== Overdue"
echo "${overdue:-none}"

echo
echo "== Due next"
next=$(appeal operator queue "${who[@]}" --sort due_at --limit 10 -o plain --columns number,due_at,subject 2>/dev/null)
echo "${next:-none}"

# How each of those dates was counted, to be shown to whoever asks.
: >"$folder/deadlines.txt"
while IFS=$'\t' read -r number _; do
    [[ -n $number ]] || continue
    {
        echo "$number"
        appeal deadline "$number" --explain "${who[@]}" -o table
        echo
    } >>"$folder/deadlines.txt"
done <<<"$next"

period=(--from "$from")
if [[ -n $to ]]; then
    period+=(--to "$to")
fi
appeal report summary "${who[@]}" "${period[@]}" --by category --chart "$folder/report.html" --force -o csv \
    >"$folder/report.csv.new"
mv "$folder/report.csv.new" "$folder/report.csv"
echo
echo "== Files"
printf '%s\n' "$folder/report.csv" "$folder/report.html" "$folder/deadlines.txt"

if [[ -n $overdue ]]; then
    exit 100
fi
