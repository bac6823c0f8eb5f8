# Sharing, versions of files, reviews of decisions, chains of repeats.

event-shared = {$actor} shared the appeal with {$login}: {$role}
event-unshared = {$actor} stopped sharing the appeal with {$login}
event-revision-taken = {$actor} took the review of the decision into revision
event-revised = {$actor} completed the revision of the decision

action-share = shared
action-unshare = sharing ended
action-take-revision = taken into revision
action-revise = revision completed
action-replace-file = file replaced
action-restore-file = version of a file restored
action-remove-file = file removed

journal-field-participant = Participant
journal-field-participants = Participants

done-share = { $number } is shared
done-unshare = { $number } is no longer shared with them
done-revision-taken = { $number } is taken into revision
done-revised = The revision of { $number } is completed

journal-draft = (from when it was a draft)
card-chain = Chain of repeats
card-chain-place = { $position } of { $count }
card-versions = Versions
card-revising = in revision by { $who }
card-revised = revised { $at }, { $who }
column-chain-count = Appeals in the chain
column-chain-position = Place in the chain
column-chain-numbers = Chain of repeats
column-escalations-department = Departments of review
column-review-category = About
column-review-remarks = Remarks
column-review-at = Rated
column-review-changes = What was changed
column-review-revised-at = Revised
column-review-by = Revised by

problem-forbidden-share = Only the applicant, or somebody who files for the same organization, can share an appeal.
    .hint = Ask the applicant to share it.
problem-forbidden-reviewer = Only a supervisor who handles reviews of decisions may do this.
    .hint = Sign in as a supervisor of the levels senior or quality, or of a level it was escalated to.
problem-share-draft = {$number} is a draft: nobody else sees it.
    .hint = Send it first: appeal submit {$number}
problem-share-many = The appeal is already shared with {$limit} people.
    .hint = Remove somebody first.
finding-participant-unknown = There is no active account “{$given}”
    .remedy = Ask the person how their login is written
finding-participant-self = “{$given}” is your own account
    .remedy = Name somebody else
finding-participant-owner = “{$given}” files for the same organization and sees the appeal anyway
    .remedy = Name somebody else
finding-participant-authority = “{$given}” acts on this appeal for the authority
    .remedy = Name somebody who does not
finding-department-review = “{$given}” handles escalations; appeals cannot be redirected to it
    .remedy = Name a department that answers
finding-revise-text = Documents need a text that says what was changed
    .remedy = Give the text, or leave the documents out

problem-edit-decided = There is an answer ({$status}): only the contacts can be changed.
    .hint = Add a comment, say that it is not solved, or file a repeat appeal.

problem-repeat-draft = There is nothing to repeat: it was never filed.
    .hint = Send the draft first: appeal submit {$number}
problem-repeat-not-overdue = The answer is not overdue: it is due on {$possible}.
    .hint = As “overdue” it can be repeated after {$possible}.
problem-repeat-in-time = The answer came in time.
    .hint = If it lacks something, or contradicts the law, repeat it as “incomplete” or “unlawful”.
problem-repeat-waits = The authority is waiting for your reply, and the clock is stopped.
    .hint = Answer first: appeal reply {$number}
problem-repeat-ended = The appeal ended without an answer, and before one was due.
    .hint = Repeat it as “incomplete”, or file a new appeal.
problem-repeat-unanswered = The ground “{$grounds}” needs an answer, and none has been given yet; it is due on {$possible}.
    .hint = Wait for the answer; as “overdue” it can be repeated after {$possible}.
problem-repeat-unanswered-waits = The ground “{$grounds}” needs an answer, and none has been given yet.
    .hint = Answer what you were asked, and wait for the answer: appeal show {$number}
problem-repeat-overdue = The ground “{$grounds}” needs an answer; there is none, and its date has passed.
    .hint = Repeat it as “overdue”.
problem-repeat-in-work = The earlier answer is no longer valid: the authority is preparing another one.
    .hint = Wait for the new decision on {$number}.

problem-escalate-gratitude = A gratitude cannot be escalated: nothing is decided on it.
    .hint = File a complaint: appeal create --kind complaint.
problem-repeat-gratitude = A gratitude cannot be repeated: nothing is decided on it.
    .hint = File a new appeal: appeal create.
problem-escalate-too-early = The ground “{$grounds}” does not hold yet: the answer is due on {$possible}.
    .hint = As “overdue” it can be escalated after {$possible}. Grounds that hold now: {$holding}.
problem-escalate-too-early-never = The ground “{$grounds}” does not hold.
    .hint = Grounds that hold now: {$holding}.
problem-escalate-waits = The authority is waiting for your reply, and the clock is stopped: “{$grounds}” does not hold.
    .hint = Answer first. Grounds that hold now: {$holding}.
problem-escalate-decided = There is an answer, and it came in time: “{$grounds}” does not hold.
    .hint = Grounds that hold now: {$holding}.
problem-escalation-pending = An escalation is pending until {$possible}.
    .hint = A higher level opens with its outcome, or after {$possible}.

problem-rate-once = This decision is already rated.
    .hint = A new decision can be rated again. To add something, comment: appeal comment {$number}
problem-revise-none = Nobody rated the decision on {$number}.
    .hint = List the pending reviews: appeal supervisor reviews
problem-revise-completed = The revision of {$number} is completed.
    .hint = See what was changed: appeal show {$number}
