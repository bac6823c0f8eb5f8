# Conversation.

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

problem-forbidden-share = Only the applicant, or who files for the same organization, shares an appeal.
    .hint = Ask the applicant to share it.
problem-forbidden-reviewer = Only a supervisor who looks after reviews of decisions may do this.
    .hint = Sign in as a supervisor of the levels senior or quality, or of a level it was escalated to.
problem-share-draft = {$number} is a draft: nobody else sees it.
    .hint = Send it first: appeal submit {$number}
problem-share-many = The appeal is shared with {$limit} people already.
    .hint = Remove somebody first.
finding-participant-unknown = There is no active account “{$given}”
    .remedy = Ask the person how their login is written
finding-participant-self = “{$given}” is yourself
    .remedy = Name somebody else
finding-participant-owner = “{$given}” files for the same organization and sees the appeal anyway
    .remedy = Name somebody else
finding-participant-authority = “{$given}” acts on this appeal for the authority
    .remedy = Name somebody who does not
finding-department-review = “{$given}” looks at what is escalated; appeals are not redirected there
    .remedy = Name a department that answers
finding-revise-text = Documents come with the text of what was changed
    .remedy = Give the text, or leave the documents out

problem-edit-decided = There is an answer ({$status}): only the contacts can be changed.
    .hint = Add a comment, say that it is not solved, or file a repeat appeal.

problem-repeat-draft = There is nothing to repeat: it was never filed.
    .hint = Send the draft first: appeal submit {$number}
problem-repeat-not-overdue = The answer is not overdue: it is due on {$possible_at}.
    .hint = As “overdue” it can be repeated after {$possible_at}.
problem-repeat-in-time = The answer came in time.
    .hint = If it lacks something, or contradicts the law, repeat it as “incomplete” or “unlawful”.
problem-repeat-waits = The authority waits for your reply, and its time stands still.
    .hint = Answer first: appeal reply {$number}
problem-repeat-ended = The appeal ended without an answer, and before one was due.
    .hint = Repeat it as “incomplete”, or file a new appeal.
problem-repeat-unanswered = There is no answer yet that could be called “{$grounds}”; it is due on {$possible_at}.
    .hint = Wait for the answer; as “overdue” it can be repeated after {$possible_at}.
problem-repeat-unanswered-waits = There is no answer yet that could be called “{$grounds}”.
    .hint = Answer what you were asked, and wait for the answer: appeal show {$number}
problem-repeat-overdue = There is no answer that could be called “{$grounds}”, and its date has passed.
    .hint = Repeat it as “overdue”.
problem-repeat-in-work = The earlier answer does not stand: the authority is at work on another one.
    .hint = Wait for it; {$number} is not yet decided anew.

problem-escalate-too-early = The ground “{$grounds}” does not hold yet: the answer is due on {$possible_at}.
    .hint = As “overdue” it can be escalated after {$possible_at}. What holds now: {$holding}.
problem-escalate-too-early-never = The ground “{$grounds}” does not hold.
    .hint = What holds now: {$holding}.
problem-escalate-waits = The authority waits for your reply, and its time stands still: “{$grounds}” does not hold.
    .hint = Answer first. What holds now: {$holding}.
problem-escalate-decided = There is an answer, and it came in time: “{$grounds}” does not hold.
    .hint = What holds now: {$holding}.
problem-escalation-pending = An escalation is being looked at until {$possible_at}.
    .hint = A higher level opens with its outcome, or after {$possible_at}.

problem-rate-once = This decision is rated already.
    .hint = A new decision can be rated anew. Add what you have to say as a comment: appeal comment {$number}
problem-revise-none = Nobody rated the decision on {$number}.
    .hint = List what waits: appeal supervisor reviews
problem-revise-completed = The revision of {$number} is completed.
    .hint = See what was changed: appeal show {$number}
