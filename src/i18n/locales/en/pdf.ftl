# PDFs of answers and cards, and their export.

pdf-answer-title = Answer to appeal No. { $number }
pdf-card-title = Card of appeal No. { $number }
pdf-page = Page { $page } of { $of }
pdf-code = QR code of the appeal's number, { $number }
pdf-yes = yes
pdf-no = no

pdf-answered-at = Answered
pdf-applicant = Applicant
pdf-organization = Organization
pdf-organization-inn = { $name }, INN { $inn }
pdf-number = Number of the appeal
pdf-filed-at = Filed
pdf-subject = Subject
pdf-decision = Decision
pdf-answer-text = Answer
pdf-refusal-text = Reason for the refusal
pdf-files = Files of the answer
pdf-file = { $at }. { $name }, { $bytes ->
    [one] { $bytes } byte
   *[other] { $bytes } bytes
}
pdf-file-version = { $at }. { $name }, version { $version }, { $bytes ->
    [one] { $bytes } byte
   *[other] { $bytes } bytes
}
pdf-signed-by = Signed by
pdf-date = Date

pdf-status-since = { $status }, since { $at }
pdf-overdue = The answer is overdue.
pdf-text = Text of the appeal
pdf-by = { $at }, { $who }
pdf-internal = internal
pdf-answer-file = File of the answer
pdf-clarification = Request for clarification
pdf-reply-due = Reply due
pdf-escalation = Escalation
pdf-level = Level
pdf-grounds = Grounds
pdf-state = State
pdf-outcome = Outcome
pdf-review = Review of the decision
pdf-score = Score
pdf-participants = Participants
pdf-entry = { $seq }. { $action } — { $by }
pdf-chain = Hash of the journal's last entry

# The commands answer and export.

column-decision = Decision
column-signed-by = Signed by
column-bytes = Bytes
column-files = Files
column-verified = Journal verified

failure-no-answer = Appeal { $number } has no official answer yet (status: { $status }).
failure-no-answer-hint = The answer is due { $due }. `appeal wait { $number } --for answered` waits for it.
failure-no-answer-undated = Appeal { $number } has no official answer yet (status: { $status }).
failure-no-answer-undated-hint = No date is set for the answer.
failure-answer-unknown = Appeal { $number } has no answer { $id }.
failure-answer-unknown-hint = `appeal answer { $number }` lists its answers.
failure-folder-not-empty = { $path } already exists and is not empty.
failure-folder-not-empty-hint = Name a new folder; an export is not mixed with other files.
failure-pdf-terminal = A PDF is not written to a terminal.
failure-pdf-terminal-hint = Name a file, or send the output to a file or another program.

export-progress = Exporting
export-so-far = Appeals exported: { $done }; the export is incomplete and was removed.
export-done = { $count ->
    [one] { $count } appeal exported: { $path }
   *[other] { $count } appeals exported: { $path }
}
export-vanished = { $number }: no longer found, left out
export-unverified = { $number }: the journal's chain does not verify at entry { $seq }
failure-export-unverified = The export is complete, but the journals of some appeals did not verify: { $count }.
failure-export-unverified-hint = `appeal journal NUMBER --verify` says more.
failure-special-file = { $path } is neither a regular file nor a usable folder.
failure-special-file-hint = Name a file or a folder that does not exist yet.
export-to-special = give a new folder, or a file whose name ends in .zip
