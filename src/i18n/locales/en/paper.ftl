# Paper: the PDFs of answers and cards, and their export.

paper-answer-title = Answer to appeal No. { $number }
paper-card-title = Card of appeal No. { $number }
paper-page = Page { $page } of { $of }
paper-code = QR code of the appeal's number, { $number }
paper-yes = yes
paper-no = no

paper-answered-at = Answered
paper-applicant = Applicant
paper-organization = Organization
paper-organization-inn = { $name }, INN { $inn }
paper-number = Number of the appeal
paper-filed-at = Filed
paper-subject = Subject
paper-decision = Decision
paper-answer-text = Answer
paper-refusal-text = Reason for the refusal
paper-files = Files of the answer
paper-file = { $at }. { $name }, { $bytes ->
    [one] { $bytes } byte
   *[other] { $bytes } bytes
}
paper-file-version = { $at }. { $name }, version { $version }, { $bytes ->
    [one] { $bytes } byte
   *[other] { $bytes } bytes
}
paper-signed-by = Signed by
paper-date = Date

paper-status-since = { $status }, since { $at }
paper-overdue = The answer is overdue.
paper-text = Text of the appeal
paper-by = { $at }, { $who }
paper-internal = internal
paper-answer-file = File of the answer
paper-clarification = Request for clarification
paper-reply-due = Reply due
paper-escalation = Escalation
paper-level = Level
paper-grounds = Grounds
paper-state = State
paper-outcome = Outcome
paper-review = Review of the decision
paper-score = Score
paper-participants = Participants
paper-entry = { $seq }. { $action } — { $by }
paper-chain = Hash of the journal's last entry

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
failure-paper-exists = { $path } already exists.
failure-paper-exists-hint = Name another file, or add --force to replace this one.
failure-paper-folder = { $path } already exists and is not empty.
failure-paper-folder-hint = Name a new folder; an export is not mixed with other files.
failure-paper-terminal = A PDF is not written to a terminal.
failure-paper-terminal-hint = Name a file, or send the output to a file or another program.

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
failure-paper-special = { $path } is neither a regular file nor a usable folder.
failure-paper-special-hint = Name a file or a folder that does not exist yet.
paper-to-special = give a new folder, or a file whose name ends in .zip
