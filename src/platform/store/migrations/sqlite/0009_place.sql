-- Where the problem is: address, latitude and longitude, as JSON.
ALTER TABLE appeals ADD COLUMN place TEXT;
