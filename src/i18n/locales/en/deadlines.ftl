# Deadlines.

event-deadline-moved = the production calendar changed: the deadlines were counted again
action-deadline-moved = deadlines counted again

journal-field-deadlines-first-status-due-at = First status due
journal-field-deadlines-registration-due-at = Registration due
journal-field-deadlines-decision-due-at = Decision due
journal-field-deadlines-redirection-due-at = Redirection due
journal-field-deadlines-clarification-due-at = Reply due
journal-field-deadlines-escalation-due-at = Decision on the escalation due
journal-field-deadlines-confirmation-due-at = Confirmation due

column-term = Term
column-due = Due
column-left = Left
column-left-minutes = Minutes left
column-left-working-minutes = Working minutes left
column-started-at = Started
column-met-at = Done
column-paused-at = Paused since
column-zone = Time zone
column-provisional = Provisional
column-pauses = Pauses
column-extended-from = Due before
column-reason = Reason
column-steps-text = Arithmetic
column-from = From
column-to = To
column-n = Day
column-minutes = Minutes
column-days = Days

deadline-weekday-1 = Mon
deadline-weekday-2 = Tue
deadline-weekday-3 = Wed
deadline-weekday-4 = Thu
deadline-weekday-5 = Fri
deadline-weekday-6 = Sat
deadline-weekday-7 = Sun
deadline-month-1 = Jan
deadline-month-2 = Feb
deadline-month-3 = Mar
deadline-month-4 = Apr
deadline-month-5 = May
deadline-month-6 = Jun
deadline-month-7 = Jul
deadline-month-8 = Aug
deadline-month-9 = Sep
deadline-month-10 = Oct
deadline-month-11 = Nov
deadline-month-12 = Dec
deadline-date = { $weekday } { $day } { $month } { $year }
deadline-dates = { $from } – { $to }
deadline-free-weekend = weekend
deadline-free-holiday = public holiday
deadline-free-moved = day off moved here

deadline-count-wh = { $n ->
    [one] { $n } working hour
   *[other] { $n } working hours
}
deadline-count-wm = { $n ->
    [one] { $n } working minute
   *[other] { $n } working minutes
}
deadline-count-wd = { $n ->
    [one] { $n } working day
   *[other] { $n } working days
}
deadline-count-d = { $n ->
    [one] { $n } calendar day
   *[other] { $n } calendar days
}
deadline-count-h = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
deadline-count-m = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
deadline-span-minutes = { $minutes } min
deadline-span-hours = { $hours } h
deadline-span-both = { $hours } h { $minutes } min
deadline-span-days = { $days } d { $hours } h
deadline-late = late by { $span }
deadline-left-working = { $span } of work

deadline-step-filed = filed { $at }, { $zone }; counted: { $term }
deadline-step-start = begins { $at }, { $zone }; counted: { $term }
deadline-step-day-zero = { $day }: day zero, it does not count
deadline-step-free = { $days }: free ({ $why })
deadline-step-worked = { $day } { $from }–{ $to }: { $counted } counted, { $left } left
deadline-step-worked-last = { $day } { $from }–{ $to }: { $counted } counted, none left
deadline-step-day = { $day }: working day { $n }
deadline-step-day-moved = { $day }: working day { $n } (a weekend day that is worked)
deadline-step-days = { $days }: { $n ->
    [one] { $n } calendar day
   *[other] { $n } calendar days
}
deadline-step-clock = round the clock: { $span }
deadline-step-waited = from { $from } to { $to } waiting for the applicant: { $span } not counted
deadline-step-waited-days = { $days }: waits for the applicant, not counted
deadline-step-paused = waiting for the applicant since { $from }: the clock is stopped, and the date moves by that time when it resumes
deadline-step-set = set on { $on } in place of the term: { $at }
deadline-step-extended = extended on { $on }: from { $before } to { $at }; reason: { $reason }
deadline-step-moved = { $day } is free ({ $why }): moved to the next working day, { $next }
deadline-step-short = { $day } is the day before a holiday: it closes at { $at }
deadline-step-end = due { $at }, { $zone }
deadline-step-kept = stays due { $kept }: it was done before the production calendar changed; by the new calendar it would be { $now }
deadline-step-provisional = provisional: the days off that the Government moves in { $year } are not decreed yet, so the date may change
deadline-step-met = done { $at }, in time
deadline-step-met-late = done { $at }, late
