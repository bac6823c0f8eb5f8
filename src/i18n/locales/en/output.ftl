# Words of the printer: headings, labels of vocabularies, failures.

## General

yes = yes
no = no
word-error = error
word-warning = warning
word-hint = hint
word-overdue = overdue
size-bytes = { $number } B
size-kib = { $number } KiB
size-mib = { $number } MiB
size-gib = { $number } GiB
open-moves = What can be done now:
who-applicant = applicant
who-operator = operator
who-supervisor = supervisor
who-platform = platform
card-since = since { $at }
card-due = answer due { $at }
card-by = { $at }, { $who }
card-internal = internal
card-answer = { $at }, { $decision }, signed by { $who }
card-file = file: { $name }
card-clarification = Clarification required
card-reply-due = reply by { $at }
card-participants = Participants
card-escalation = Escalation
card-review = Review of the decision
place-stdin = stdin

## Failures; `-hint` says what to do

failure-missing = { $flag }: not given, and there is no terminal to ask on
failure-invalid = The input failed its checks; nothing was sent
failure-file = { $path }: { $error }
failure-sign-in-hint = Sign in with `appeal login`, or give a token in APPEAL_TOKEN or with --token-file.
failure-jq = --jq: { $error }
failure-io = Reading or writing failed: { $error }
failure-done-hint = The change was made, but its result could not be printed: { $what }
failure-interrupted = Interrupted
failure-repeat-hint = Run the same command again with --idempotency-key { $key }: nothing is done twice.
failure-timeout = The time given with --timeout ran out
failure-config = The configuration is broken: { $error }
failure-config-hint = `appeal config path` says where the file is.
failure-config-key = There is no setting '{ $key }'
failure-config-key-hint = Settings are default_profile and profiles.NAME.(server, data_dir, as, output, lang, token_file, color).
failure-token = The token cannot be used: { $error }
failure-token-loose = { $path } can be read by other people of this machine (mode { $mode })
failure-token-loose-hint = Run: chmod 600 { $path }
failure-no-home = There is no home directory for settings and data
failure-no-home-hint = Set HOME, or APPEAL_CONFIG and --data-dir.
failure-region-unknown = The region “{ $given }” is not known
failure-region-unknown-hint = `appeal region list` lists them.
failure-region-ambiguous = “{ $given }” fits several regions: { $regions }
failure-region-ambiguous-hint = Write the full name or the code.
failure-time-zone = TZ is not a time zone: '{ $value }'
failure-time-zone-hint = Set it to a name such as Europe/Moscow, or unset it.
failure-no-profile = { $origin }: there is no profile '{ $name }'
failure-no-profile-hint = `appeal profile list` lists them.
failure-profile-server = Profile '{ $name }' has no server
failure-profile-server-hint = Run: appeal config set profiles.{ $name }.server URL
failure-no-platform = No platform is chosen
failure-no-platform-hint = Give --server URL (or --server local for the embedded one), or a profile: appeal config set profiles.main.server URL, then appeal profile use main
failure-bad-server = '{ $server }' is neither `local` nor an http(s) URL
failure-as-url = it selects a person of the local platform; at a URL the token says who you are
failure-database-url = it belongs to the local platform, not to one at a URL
failure-not-built-in = This build has no embedded platform
failure-not-built-in-hint = Build it with the feature `platform`, or give --server URL.
failure-data-dir = { $path } cannot be used: { $error }
failure-data-dir-hint = Choose another with --data-dir or APPEAL_DATA_DIR.
failure-trying-again = { $place } does not answer ({ $why }); trying again
failure-person = --as: { $error }
failure-no-command = No command is given
failure-no-command-hint = `appeal --help` lists the commands.
failure-stdin-twice = stdin can be read for one flag only
failure-stdin-large = The text on stdin is too long
failure-text-large = { $place }: the text is too long
failure-not-utf8 = { $place }: the text is not UTF-8
failure-not-utf8-hint = Convert it: iconv -f CP1251 -t UTF-8 FILE
failure-nul = { $place }: there is a NUL character in the text (byte { $at })
failure-nothing-written = Nothing was written in the editor
warning-token-loose = warning: { $path } can be read by other people of this machine (mode { $mode }); run: chmod 600 { $path }
warning-plain-http = The connection to { $place } is not encrypted: the token and the texts can be read in transit

## Headings of columns and fields

column-number = Number
column-status = Status
column-kind = Kind
column-category = Category
column-subject = Subject
column-text = Description
column-priority = Priority
column-channel = Channel
column-region = Region
column-place-address = Place
column-place-latitude = Latitude
column-place-longitude = Longitude
column-service = Service
column-application = Application
column-names = Other names
column-region-text = Region as written
column-occurred-at = Occurred
column-organization = Organization
column-expected = Expected result
column-steps = Steps
column-actual = What happened instead
column-institution-name = Institution
column-institution-inn = Institution's INN
column-institution-address = Address
column-contacts-email = E-mail
column-contacts-phone = Phone
column-contacts-preferred = Contact by
column-applicant-login = Applicant's login
column-applicant-name = Applicant
column-organization-inn = INN
column-organization-name = Organization
column-department = Department
column-responsible = Responsible
column-created-at = Filed
column-updated-at = Changed
column-status-since = Since
column-due-at = Answer due
column-due-on = Due on
column-overdue = Overdue
column-deadlines = Deadlines
column-attachments = Files
column-attachments-name = Files
column-comments = Comments
column-answers = Official answers
column-journal = Journal
column-repeat-of = Repeats appeal
column-repeats = Repeated by
column-merged-into = Merged into
column-escalations = Escalations
column-escalations-level = Levels of review
column-review-score = Score
column-review-state = State of the review
column-participants-login = Participants
column-answers-at = Answered
column-answers-decision = Decision
column-answers-id = Answer ID
column-answers-signed-by = Signed by
column-answers-text = Text of the answer
column-attachments-added-at = Files added
column-attachments-added-by = Files added by
column-attachments-id = File IDs
column-attachments-media-type = Types of files
column-attachments-size = Sizes of files
column-attachments-sha256 = SHA-256
column-attachments-version = Versions of files
column-clarification-asked-at = Asked
column-clarification-asked-by = Asked by
column-clarification-id = Request ID
column-clarification-needs = What is needed
column-comments-at = Commented
column-comments-author = Authors of comments
column-comments-id = Comment IDs
column-comments-internal = Internal
column-comments-text = Texts of comments
column-deadlines-due-at = Steps due
column-deadlines-due-on = Steps due on
column-deadlines-kind = Steps
column-deadlines-state = States of steps
column-escalations-due-at = Reviews due
column-escalations-due-on = Reviews due on
column-escalations-grounds = Grounds
column-escalations-outcome-at = Reviewed
column-escalations-outcome-by = Reviewed by
column-escalations-outcome-result = Outcome
column-escalations-outcome-text = Text of the outcome
column-escalations-reason = Reasons
column-escalations-state = States of reviews
column-participants = Participants
column-participants-role = Roles
column-clarification-question = Question
column-clarification-due-at = Reply due
column-clarification-due-on = Reply due on
column-version = Version
column-at = When
column-event = Event
column-actor = Who
column-summary = What happened
column-cursor = Cursor
column-id = ID
column-name = Name
column-size = Size
column-sha256 = SHA-256
column-media-type = Type
column-added-at = Added
column-added-by = By
column-code = Code
column-title = Title
column-hint = Hint
column-parent = Parent
column-access = Access
column-policy = Deadline policy
column-documents = Documents
column-documents-code = Documents
column-fields = Fields
column-fields-key = Fields
column-placeholders = Placeholders
column-placeholders-name = Placeholders
column-severity = Severity
column-field = Field
column-message = Message
column-remedy = Remedy
column-seq = No.
column-action = Action
column-changes = Changes
column-hash = Hash
column-digest = Digest
column-row = Row
column-key = Key
column-error = Error
column-login = Login
column-role = Role
column-scopes = Scopes
column-expires-at = Expires
column-token = Token
column-kept-at = Kept since
column-command = Command
column-database = Database
column-files-path = Files
column-body = Content
column-server = Server
column-default = Default
column-value = Value
column-level = Level
column-state = State
column-path = Path
column-data-dir = Data
column-as = Acts as
column-output = Format
column-lang = Language
column-token-file = Token file
column-color = Color

## Vocabulary: kind

kind-complaint = Complaint
kind-suggestion = Suggestion
kind-gratitude = Gratitude
kind-request = Request for information
kind-technical = Technical problem
kind-question = Question about a service

## Vocabulary: priority

priority-normal = Normal
priority-high = High

## Vocabulary: channel

channel-account = Account
channel-email = E-mail
channel-chat = Chat
channel-phone = Phone
channel-in-person = In person

## Vocabulary: contact way

contact-way-account = In the account
contact-way-email = By e-mail
contact-way-phone = By phone

## Vocabulary: role

role-individual = Individual
role-representative = Representative
role-intermediary = Intermediary
role-operator = Operator
role-supervisor = Supervisor
role-analyst = Analyst
role-admin = Administrator

## Vocabulary: account state

account-state-active = Active
account-state-confirmation-required = Confirmation required
account-state-blocked = Blocked

## Vocabulary: scope

scope-read = Read
scope-file = File
scope-operate = Operate
scope-report = Report
scope-admin = Administer

## Vocabulary: participant role

participant-role-view = May view
participant-role-comment = May comment
participant-role-represent = Represents

## Vocabulary: decision

decision-granted = Granted
decision-partly = Partly granted
decision-explained = Explained
decision-refused = Refused

## Vocabulary: level

level-senior = Senior specialist
level-regional = Regional level
level-federal = Federal level
level-ombudsman = Ombudsman
level-quality = Quality control

## Vocabulary: escalation grounds

escalation-grounds-overdue = No answer in time
escalation-grounds-unsatisfactory = Unsatisfactory answer
escalation-grounds-critical = Critical error
escalation-grounds-several-services = Several services concerned

## Vocabulary: escalation state

escalation-state-pending = Under consideration
escalation-state-returned = Returned to work
escalation-state-upheld = Decision upheld
escalation-state-changed = Decision changed
escalation-state-superseded = Went to a higher level

## Vocabulary: repeat grounds

repeat-grounds-incomplete = The answer lacks what was asked
repeat-grounds-overdue = The deadline has passed
repeat-grounds-unlawful = The answer contradicts the law

## Vocabulary: review category

review-category-technical = Technical
review-category-legal = Legal
review-category-service = Service

## Vocabulary: review state

review-state-pending = Pending
review-state-in-revision = In revision
review-state-completed = Revision completed

## Vocabulary: severity

severity-error = error
severity-warning = warning

## Vocabulary: access

access-public = Open to everybody
access-closed = Closed

## Vocabulary: deadline kind

deadline-kind-first-status = First status
deadline-kind-registration = Registration
deadline-kind-decision = Decision
deadline-kind-redirection = Redirection
deadline-kind-clarification = Reply to the clarification request
deadline-kind-escalation = Decision on the escalation
deadline-kind-confirmation = Confirmation by the applicant

## Vocabulary: deadline state

deadline-state-pending = pending
deadline-state-met = met
deadline-state-overdue = overdue
deadline-state-paused = paused

## The journal: what was done, and the changed fields that are no columns

list-empty = Nothing found
journal-hidden = (internal)
card-confirm-due = confirm by { $at }
action-create = filed
action-draft = draft saved
action-submit = draft sent
action-register = registered
action-take = work started
action-review = under review
action-ask = asked
action-reply = clarified
action-reply-expired = reply overdue
action-redirect = redirected
action-answer = answered
action-answer-awaiting = answered
action-refuse = refused
action-confirm = confirmed
action-dispute = not solved
action-close = closed
action-auto-close = closed automatically
action-cancel = withdrawn
action-merge = merged
action-escalate = escalated
action-return = returned to work
action-uphold = upheld
action-change = decision changed
action-comment = commented
action-attach = files added
action-edit = changed
action-assign = assigned
action-rate = rated
action-repeat = repeated
journal-field-comment = Comment
journal-field-answer = Official answer
journal-field-attachment = File
journal-field-clarification = Question
journal-field-escalated = Level of review
journal-field-escalation = Escalation
journal-field-outcome = Outcome
journal-field-review = Rating
journal-field-note = Note
journal-field-reason = Reason
journal-field-repeat = Repeat appeal
journal-field-fields = Fields
journal-field-contacts = Contacts
journal-field-institution = Institution
journal-field-organization = Organization
journal-field-applicant = Applicant
progress-left = { $time } left
