# Admin.
