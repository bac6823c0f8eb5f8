#!/usr/bin/env bash
# Files a batch of appeals: checks everything first, files, and keeps the numbers. Safe to run again, also after a
# crash or a lost connection: what was filed is written down in a journal and is not filed twice.
#
#   APPEAL_SERVER=local examples/batch-filing.sh [BATCH [FOLDER]]
#
# BATCH   CSV, JSON Lines or JSON; examples/appeals.csv unless given
# FOLDER  where the journal and the numbers are kept; the folder of the batch unless given
#
# Ends with 0 when everything is filed, 3 when a record is not valid (nothing was filed then), 9 when some were
# refused: run it again once they are put right.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
batch=${1:-$here/appeals.csv}
folder=${2:-$(dirname "$batch")}
name=$(basename "$batch")
: "${APPEAL_SERVER:?choose a platform: a URL, or local}"

mkdir -p "$folder"
journal=$folder/$name.journal.jsonl
numbers=$folder/$name.numbers.csv

echo "Checking $name" >&2
appeal batch submit "$batch" --journal "$journal" --dry-run -o csv >/dev/null

echo "Filing $name" >&2
# Some may be refused while the others are filed (9): the numbers of those are kept all the same.
status=0
appeal batch submit "$batch" --journal "$journal" -o csv \
    >"$numbers.new" || status=$?
if [[ -s $numbers.new ]]; then
    mv "$numbers.new" "$numbers"
else
    rm -f "$numbers.new"
fi
if ((status == 0)); then
    echo "All are filed; their numbers are in $numbers" >&2
elif ((status == 9)); then
    echo "Some were refused; $numbers tells which and why. Put them right and run this again." >&2
fi
exit "$status"
