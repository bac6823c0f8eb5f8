# Notices.
