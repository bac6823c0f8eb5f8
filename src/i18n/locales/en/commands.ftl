# watch, wait, changes
cursor-file-other = { $path } is not a cursor file
cursor-file-other-hint = Name another file, or remove this one to start from now
cursor-file-busy = Another run is using the cursor file { $path }
cursor-file-busy-hint = Wait until it ends, or give each run its own file
watch-begins = Following changes at { $place }
watch-already = Already reached
watch-restored = The platform does not know the position of the last change: it was restored from a backup, or it is another platform. Continuing with the changes made since then
watch-exec-failed = The command for { $number } failed: { $what }
watch-no-shell = The shell could not be started: { $error }
wait-open = Still waiting for: { $appeals }
wait-more = { $count } more
wait-in-vain = { $number } has ended as “{ $status }”: the awaited status cannot be reached any more
wait-in-vain-hint = The applicant can repeat or escalate it; see `appeal show`
wait-passed = { $number } is already “{ $status }”: the awaited status cannot be reached any more
changes-first = First run: the position is saved; the next run prints the changes from now on
changes-first-peek = First run: without --dry-run the position would be saved, and the next run would print the changes from then on
changes-restored = The platform does not know the position in the file: it was restored from a backup, or it is another platform. Continuing from when the file was written; some changes may be repeated

# operator, supervisor, auth
done-taken = { $number } is in progress
done-under-review = { $number } is under review
done-assigned = { $number } has a new responsible operator
done-asked = The applicant of { $number } is asked for clarification
done-operator-commented = The comment on { $number } is added
done-redirected = { $number } is redirected
done-answered = { $number } is answered
done-refused = { $number } is refused
done-upheld = The decision on { $number } is upheld
done-decision-changed = The decision on { $number } is changed
done-returned = { $number } is returned to work
due-past = the time has passed
answer-refused = to refuse, use `appeal operator refuse NUMBER --reason …`
token-once = The token is shown only once. Store it in a file that only you can read, and pass the file with --token-file

# api, config, profile, man, serve
api-paginate-get = only GET requests have pages
api-refused = The platform answered with an error: { $status }
config-set = { $key } is set
config-unset = { $key } is removed
config-not-set = { $key } is not set
profile-used = { $name } is the default profile
profile-removed = The profile { $name } is removed
profile-unknown = There is no profile “{ $name }”
profile-unknown-hint = `appeal profile list` lists them; `appeal config set profiles.NAME.server URL` creates one
man-written = { $count ->
        [one] { $count } page
       *[other] { $count } pages
    } written to { $dir }
serve-stopped = stopped
serve-log = APPEAL_LOG: `{ $value }` is not a list of log levels
serve-log-hint = Set a level (error, warn, info, debug or trace), for one part as sqlx=debug, separated by commas
serve-listen = Cannot listen on { $address }: { $error }
serve-listen-hint = Another program may be using it; choose another port with --listen
serve-local-people = This database has the people of the embedded platform, as whom anybody on this machine can act; do not serve it to others
serve-open = The platform cannot be opened: { $error }
serve-metrics = Metrics cannot be recorded: { $error }
serve-not-built-in = This build does not include the platform
serve-not-built-in-hint = Build it with the feature `platform`

# batch
batch-checking = Checking
batch-filing = Filing
batch-filing-counts = Filing ({ $counts })
batch-count-filed = { $count } filed
batch-count-already = { $count } filed before
batch-count-failed = { $count } refused
batch-count-invalid = { $count } invalid
batch-count-pending = { $count } not sent
batch-done = { $counts }; journal: { $journal }
batch-so-far = So far: { $counts }. Run the same command again to continue
batch-dry-run-ended = Dry run: { $counts }
batch-partial = Not every appeal was filed: { $counts }
batch-partial-hint = Fix the refused rows and run the same command again: only rows that are not filed yet are sent ({ $journal })
batch-stopped = Stopped: { $counts }
batch-stopped-hint = Run the same command again to continue; the journal is { $journal }
batch-max-failures = { $count ->
        [one] { $count } appeal was refused.
       *[other] { $count } appeals were refused.
    }
batch-warnings = { $count ->
        [one] { $count } warning
       *[other] { $count } warnings
    } about the texts; --dry-run shows them
batch-row-changed = The key { $key } belongs to { $number }, which was filed with different content
batch-row-changed-hint = Change the appeal with appeal edit { $number }, or give the record its own key
batch-invalid = { $invalid } of { $rows } records failed their checks; nothing was filed
batch-more-findings = { $count } more findings are not shown
batch-place = { $file }:{ $line }, row { $row }
batch-place-file = { $file }:{ $line }
batch-journal-busy = Another run is using the journal { $path }: { $holder }
batch-journal-busy-hint = Wait until it ends
batch-journal-other = { $path } is not the journal of a batch
batch-journal-other-hint = Name another file with --journal
batch-journal-broken = The journal { $path } cannot be used: { $error }
batch-journal-broken-hint = Name another place with --journal; nothing is sent without a journal
batch-journal-foreign = The journal { $path } says that { $number } was filed here, and this platform does not know it
batch-journal-foreign-hint = The platform was set up again, or the journal belongs to another person. To file everything, name another journal with --journal, or remove this one
batch-status-filed = Filed
batch-status-already = Filed before
batch-status-failed = Refused
batch-status-invalid = Invalid
batch-status-pending = Not sent

finding-batch-utf16 = The file is UTF-16
    .remedy = Save it as “CSV UTF-8”
finding-batch-spreadsheet = The file is a spreadsheet or an archive, not CSV or JSON
    .remedy = Save it as “CSV UTF-8”
finding-batch-not-utf8 = The text is not UTF-8
    .remedy = Save the file as “CSV UTF-8”
finding-batch-empty = The file is empty
    .remedy = Its first row names the columns
finding-batch-column-twice = Two columns have the same name
    .remedy = Rename or remove column { $column }
finding-batch-cells-few = The row has { $cells } cells, the header { $columns }
    .remedy = Look for a missing delimiter, or for a quote that encloses one
finding-batch-cell-extra = Cell { $column } has no column: the header has { $columns }
    .remedy = Put texts with delimiters in them between quotes
finding-batch-quote-open = A quote is opened and never closed
    .remedy = Close it, or double the quotes within the text: ""
finding-batch-too-long = The record is longer than 64 MiB
    .remedy = Look for a missing line end or quote
finding-batch-json = The record is not JSON: { $error }
    .remedy = Fix it at that place
finding-batch-no-object = The record is not a JSON object
    .remedy = Write it as {"{"}"subject": "…", "text": "…"{"}"}
finding-batch-array = The list is not a JSON array
    .remedy = Put the records between [ and ], separated by commas
finding-batch-array-end = The JSON array ends early
    .remedy = The file is truncated, or a ] is missing
finding-batch-after-array = Something follows the JSON array
    .remedy = A file has one array; or write one object a line
finding-batch-key-twice = The key “{ $key }” is already used by row { $row }
    .remedy = Give every row its own key, or none
finding-batch-template = There is no template “{ $id }”
    .remedy = `appeal template list` lists them
finding-batch-text-file = The text cannot be read: { $error }
    .remedy = Give the path of a UTF-8 text file, relative to the batch file

column-error-message = Error
column-error-code = Code
