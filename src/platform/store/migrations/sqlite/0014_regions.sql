-- The code of the region, where the region as written is known. It is filled in when the database is opened.
ALTER TABLE appeals ADD COLUMN region_code TEXT;
