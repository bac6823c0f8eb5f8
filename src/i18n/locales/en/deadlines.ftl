# Deadlines.
