# Deadlines.

event-deadline-moved = the production calendar changed: the deadlines were counted again
action-deadline-moved = deadlines counted again
