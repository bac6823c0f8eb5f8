#!/usr/bin/env bash
# One letter, a table of those in whose flats it holds: an appeal for each row, its text made of a template. Shows the
# first letter, checks them all, files them, and sends again what was refused for a reason that may pass. Safe to run
# again: what was filed is not filed twice.
#
#   APPEAL_SERVER=local examples/mail-merge.sh [ROWS [LETTER [FOLDER]]]
#
# ROWS    CSV, JSON Lines or JSON whose columns the letter names; examples/flats.csv unless given
# LETTER  the template of the text (Jinja2); examples/letter.txt unless given
# FOLDER  where the journal and the numbers are kept; the folder of the rows unless given
#
# SUBJECT in the environment is the template of the subject. Ends with 0 when everything is filed, 3 when a letter is
# not valid (nothing was filed then), 9 when some were refused.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rows=${1:-$here/flats.csv}
letter=${2:-$here/letter.txt}
folder=${3:-$(dirname "$rows")}
subject=${SUBJECT:-'Нет отопления: {{ address }}, квартира {{ flat }}'}
name=$(basename "$rows")
: "${APPEAL_SERVER:?choose a platform: a URL, or local}"

mkdir -p "$folder"
journal=$folder/$name.journal.jsonl
templates=(--text-template "$letter" --subject-template "$subject")

echo "Checking $name" >&2
# Warnings count as well: one careless sentence would be sent as often as there are rows.
appeal batch submit "$rows" "${templates[@]}" --journal "$journal" --dry-run --strict -q >/dev/null

status=0
appeal batch submit "$rows" "${templates[@]}" --journal "$journal" --strict --ordered -q >/dev/null || status=$?
if ((status == 9)); then
    echo "Some were refused; once more" >&2
    status=0
    appeal batch retry "$journal" -q >/dev/null || status=$?
fi

# The journal knows all rows, of earlier runs too, and needs no platform.
if [[ -s $journal ]]; then
    appeal batch status "$journal" -o csv --columns key,status,number,error >"$folder/$name.numbers.csv"
fi
first=$(appeal batch status "$journal" --jq 'map(select(.number != null)) | .[0].number // empty')
if [[ -n $first ]]; then
    echo "The first of them, $first:" >&2
    appeal show "$first" --jq '"\(.subject)\n\n\(.text)"'
fi
exit "$status"
