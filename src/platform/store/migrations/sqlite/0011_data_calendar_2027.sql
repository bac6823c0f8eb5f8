-- The days off of 2027 are decreed. The year is replaced where it is still the provisional one that was built in; a year
-- that an administrator loaded stays.
UPDATE documents
SET body = json_set(body, '$.years."2027"', json('{
    "source": "Labour Code, art. 95 and 112; Government decree on the days off moved in 2027, consultant.ru/document/cons_doc_LAW_544706",
    "holidays": [
        "2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04", "2027-01-05", "2027-01-06", "2027-01-07",
        "2027-01-08", "2027-02-23", "2027-03-08", "2027-05-01", "2027-05-09", "2027-06-12", "2027-11-04"
    ],
    "days_off": ["2027-02-22", "2027-05-03", "2027-05-10", "2027-06-14", "2027-11-05", "2027-12-31"],
    "working": ["2027-02-20"],
    "short": ["2027-02-20", "2027-04-30", "2027-06-11", "2027-11-03"]
}'))
WHERE kind = 'calendar' AND name = 'ru'
  AND json_extract(body, '$.years."2027".provisional') = 1
  AND json_extract(body, '$.years."2027".source') LIKE 'Labour Code, art. 95 and 112, without the days %';
