# What the applicant's commands say.

done-create = Filed: { $number }
done-draft = Draft saved: { $number }
done-submit = Filed: { $number }
done-comment = Comment added to { $number }
done-reply = Reply sent, { $number } goes back to work
done-attach = Files added to { $number }
done-remove = File removed from { $number }
done-restore = Version restored in { $number }
done-edit = { $number } changed
done-cancel = { $number } is withdrawn
done-confirm = { $number } is completed
done-confirm-no = { $number } goes back to work
done-close = { $number } is closed
done-repeat = Repeat appeal filed: { $number }
done-escalate = { $number } is escalated
done-rate = Review of { $number } accepted

list-cut = { $rows ->
        [1] Only the first row is shown
       *[other] Only the first { $rows } are shown
    }; --all shows every one
files-none = { $number } has no files
files-so-far = Downloaded: { $done } of { $of }
progress-upload = Uploading { $count ->
        [one] { $count } file
       *[other] { $count } files
    }
journal-verified = The journal of { $number } is intact: { $count ->
        [one] { $count } entry
       *[other] { $count } entries
    } verified
journal-broken-sequence = entry { $expected } was expected here
journal-broken-digest = its content was changed
journal-broken-chain = it does not continue the entry before it
journal-broken-end = it should be the last entry, but the journal ends elsewhere
failure-journal-broken = The journal of { $number } is broken at entry { $seq }: { $why }
failure-journal-broken-hint = Keep this output: it shows that the journal was changed. Ask a supervisor to look into it.

failure-number-mistyped = { $given } is mistyped: its check digit does not fit the other digits
failure-number-mistyped-hint = Compare it digit by digit with the confirmation, or find it with: appeal list --search WORDS
failure-number-malformed = { $given } is not the number of an appeal
failure-number-malformed-hint = Numbers look like 2026-0123456789-3, drafts like D-0123ABCD
failure-record = { $place } cannot be parsed: { $error }
failure-record-format = { $place } is not a .json, .yaml, .yml or .toml file
failure-record-format-hint = Give the file the extension of its format, or pass it on stdin with --from -
failure-check = { $count ->
        [one] { $count } finding
       *[other] { $count } findings
    }; the checks failed
failure-abandoned = Not filed
failure-file-ambiguous = Several files are named { $name }
failure-file-ambiguous-hint = Use the id: appeal files list NUMBER
failure-file-unknown = The appeal has no file { $id }
failure-file-unknown-hint = List them: appeal files list NUMBER
failure-version-unknown = { $name } has no version { $version }
failure-version-unknown-hint = List them: appeal files history NUMBER ID
files-version-one = --version needs exactly one file
attach-replace-one = exactly one file can replace another
confirm-reason-without-no = a reason needs --no
unsent-send = What you wrote is kept. Send it: appeal unsent send { $id }
unsent-continue = What you wrote is kept. Continue: appeal unsent send { $id }
unsent-correct = What you wrote is kept. Change it: appeal unsent edit { $id }. Then send it: appeal unsent send { $id }
unsent-nowhere =
    What you wrote could not be saved ({ $error }). Here it is:
    { $text }
unsent-unknown = There is no unsent text { $id }
unsent-unknown-hint = List them: appeal unsent list
unsent-ambiguous = Several unsent texts begin with { $id }: { $ids }
unsent-command-unknown = It was written for { $command }, which this version does not have
unsent-command-unknown-hint = Use the version of appeal it was written with, or a newer one
unsent-unreadable = What was kept cannot be sent in this form: { $error }
unsent-incomplete = { $id } is not complete: { $missing }
unsent-incomplete-hint = Add what is missing, with --text TEXT for example: appeal unsent edit { $id }
unsent-unconfirmed = { $id } was interrupted while it was written, and is not sent without a confirmation
unsent-unconfirmed-hint = Look at it: appeal unsent show { $id }. Send it as it is with --yes.
unsent-old = Version 0.1 kept { $id } without its command and number
unsent-old-hint = Complete this command: { $command }
unsent-old-edit = Version 0.1 kept { $id } without its command
unsent-old-edit-hint = Change the file itself: { $path }
unsent-only-text = { $command } has only a text to change
unsent-left = Not sent
unsent-edited = { $id } is changed. Send it: appeal unsent send { $id }
unsent-dropped = { $id } is deleted
unsent-not-dropped = Nothing was deleted
unsent-ask-drop = Delete { $id } for good?
unsent-choice-send = Send it
unsent-choice-later = Leave it unsent
unsent-state-unsent = Not sent
unsent-state-unfinished = Unfinished
unsent-state-refused = Refused
failure-editor = The editor cannot be started: { $error }
failure-editor-hint = Set EDITOR, or use --text or --text-file
failure-editor-ended = The editor failed, so nothing was sent
template-hint = Fill placeholders with --field NAME=VALUE; see: appeal template show { $id }
dry-run-passed = Dry run: all checks passed, nothing was changed
check-clean = All checks passed

finding-record-key-unknown = Unknown key { $key }
    .remedy = Did you mean: { $known }?
finding-record-value-type = The value of { $key } has the wrong type
    .remedy = Write a text or a number; fields, contacts, institution and documents are objects, attach is a list
finding-record-word-unknown = “{ $given }” is not a value of { $key }
    .remedy = One of: { $known }
finding-record-time = “{ $given }” is not a date or a time
    .remedy = Write 2026-11-01, 01.11.2026 14:30, 2026-11-01T14:30:00+03:00 or 2026-11
finding-record-time-relative = “{ $given }” depends on the day on which it is read
    .remedy = Write the date, such as 2026-11-01 or 01.11.2026
finding-record-key-form = The idempotency key in { $key } cannot be used
    .remedy = 1 to 255 visible ASCII characters
finding-record-two-texts = Both text and text-file are given
    .remedy = Leave one of them
finding-placeholder-missing = The template needs a value: { $title } ({ $name })
    .remedy = Add --field { $name }=VALUE
finding-template-kind-unknown = The template is for appeals of the kind “{ $given }”, which this version of appeal does not know
    .remedy = Use a newer version of appeal, or name another kind

word-required = required
word-optional = optional
word-none = none
category-fields = The category asks for:
category-documents = Documents:
ask-kind = What kind of appeal is it
ask-category = What is it about
ask-subject = Subject, in a few words
ask-text = Now the text: the editor opens
ask-expected = The result you expect (optional)
ask-field = { $title }
ask-deciding-region = Region, by its name or code: it decides who answers (optional)
ask-time-form = Write 2026-11-01, 01.11.2026 14:30, 2026-11 or yesterday
ask-document = { $title }: path of the file
ask-file = Path of a file to attach (empty: no more)
ask-email = E-mail for this appeal
ask-phone = Phone for this appeal
ask-what-now = What next
ask-write-reply = Write the reply
choice-send = File it
choice-edit-text = Edit the text
choice-edit-subject = Change the subject
choice-draft = Save it as a draft
choice-abandon = Do not file it

column-required-fields = Required fields
column-optional-fields = Optional fields
column-required-documents = Required documents
column-optional-documents = Optional documents
column-attachments-max-files = Files at most
column-attachments-max-file-bytes = Size of a file at most
column-attachments-max-total-bytes = Total size at most
column-attachments-extensions = Formats
column-internal = Internal
column-salt = Salt
column-discarded = Deleted
column-place = Place

column-method = Method
column-request = Request
column-headers = Headers
