# Why a value of a flag or an argument is refused.

value-whole = not a whole number
value-range = { $value } is not in { $from }..={ $to }
value-duration = '{ $value }' is not a duration: write 90s, 15m, 2h, 3d, 2w or 1h30m; at most 100 years
value-when = '{ $value }' is not a time: write 2026-11-01, 01.11.2026 14:30, 2026-11-01T14:30:00+03:00, 2026-11, today, monday, or a duration such as 7d
value-when-outside = the time is outside the calendar
value-occurred = '{ $value }' is not a date or time: write 2026-11-01, 01.11.2026 14:30, 2026-11-01T14:30:00+03:00, 2026-11 or yesterday
value-degrees = '{ $value }' is not a number of degrees: write it as 55.7558
value-word = '{ $value }' is not a { $vocabulary }; one of: { $words }
value-sort = lists are sorted by { $fields }
value-sort-direction = the direction is asc or desc
value-pair = write it as KEY=VALUE
value-document = write it as CODE=FILE
value-key = an idempotency key is 1 to 255 visible ASCII characters
value-on-off = write on or off
value-within = write a duration such as 3d, or off
value-network = write a network such as 10.0.0.0/8, or an address
value-address = write it as HOST:PORT, such as 127.0.0.1:8080, [::1]:8080 or localhost:0
value-api-method = '{ $value }' is not an HTTP method
value-api-path = '{ $value }' is not a path
value-api-path-host = give the path alone: the token goes to the chosen platform only
value-api-field = write it as KEY=TEXT or KEY:=JSON
value-api-field-json = after := comes JSON: { $error }
value-api-field-empty = the key is empty
value-api-field-twice = '{ $key }' is given twice
value-api-field-inside = '{ $key }': '{ $part }' is a value already
value-columns-none = no column is named
value-column = there is no column '{ $name }'; known: { $known }
value-jq = '{ $expression }' is not a jq expression
value-jq-names = '{ $expression }' uses what is not available here: { $names }
value-jq-files = '{ $expression }' reads a file, which is not available here: import, include
value-setting = '{ $value }' is not one of { $words }
value-setting-server = '{ $value }' is neither `local` nor an http(s) URL
value-setting-password = a password does not belong in the config file
value-setting-empty = the value is empty
value-setting-profile = there is no profile '{ $name }'
