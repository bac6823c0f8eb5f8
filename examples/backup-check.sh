#!/usr/bin/env bash
# A backup that is known to be good: made while the platform works, checked, restored into an empty place and checked
# there. Old ones are removed once the new one has passed.
#
#   APPEAL_SERVER=local examples/backup-check.sh FOLDER [KEEP]
#
# FOLDER  where backups are kept
# KEEP    how many; 7 unless given
#
# Needs an administrator's token (APPEAL_TOKEN); on the embedded platform it acts as its administrator. Prints the path
# of the backup. Ends with 0 when everything in it was found again; other codes are those of appeal, and the backups
# that were there before are left alone.
set -euo pipefail

folder=${1:?a folder for backups}
keep=${2:-7}
[[ $keep =~ ^[1-9][0-9]*$ ]] || {
    echo "KEEP is a number from 1" >&2
    exit 2
}
: "${APPEAL_SERVER:?choose a platform: a URL, or local}"
who=()
if [[ $APPEAL_SERVER == local ]]; then
    who=(--as admin)
fi
mkdir -p "$folder"
trial=$(mktemp -d)
trap 'rm -rf "$trial"' EXIT

backup=$(appeal admin backup "$folder/" "${who[@]}" -q)
echo "Made $backup" >&2

# What is in the file: the database, every attached file by its digest, every journal by its chain.
appeal admin status --backup "$backup" --jq .integrity >"$trial/backup.json"

# A backup is worth what can be restored from it.
there=(--server local --data-dir "$trial/platform")
env -u APPEAL_TOKEN appeal "${there[@]}" admin restore "$backup" -q >/dev/null
env -u APPEAL_TOKEN appeal "${there[@]}" --as admin admin status --verify --jq .integrity >"$trial/restored.json"
if ! cmp -s "$trial/backup.json" "$trial/restored.json"; then
    echo "$backup: another platform came out of it than went in" >&2
    diff "$trial/backup.json" "$trial/restored.json" >&2 || true
    exit 1
fi
echo "Restored and checked: $(cat "$trial/restored.json")" >&2

# Names begin with the time, so that their order is that of the backups.
mapfile -t all < <(find "$folder" -maxdepth 1 -name '*.zip' | sort)
for ((i = 0; i < ${#all[@]} - keep; i++)); do
    rm -- "${all[i]}"
done
printf '%s\n' "$backup"
