# Почему значение параметра не принято.

value-whole = требуется целое число
value-range = требуется целое число от { $from } до { $to }, указано { $value }
value-duration = «{ $value }» – не длительность: напишите 90s, 15m, 2h, 3d, 2w или 1h30m, не больше 100 лет
value-when = «{ $value }» – не время: напишите 01.11.2026, 2026-11-01 14:30, 2026-11-01T14:30:00+03:00, 2026-11, вчера, понедельник или длительность, например 7d
value-when-outside = такой даты нет в календаре
value-occurred = «{ $value }» – не дата и не время: напишите 01.11.2026, 2026-11-01 14:30, 2026-11-01T14:30:00+03:00, 2026-11 или вчера
value-degrees = «{ $value }» – не число градусов: напишите, например, 55.7558
value-word = «{ $value }» – недопустимое значение; допустимые: { $words }
value-sort = сортировать можно по { $fields }
value-sort-direction = порядок – asc или desc
value-pair = напишите КЛЮЧ=ЗНАЧЕНИЕ
value-document = напишите КОД=ФАЙЛ
value-key = ключ идемпотентности – от 1 до 255 видимых символов ASCII
value-on-off = напишите on или off
value-within = напишите длительность, например 3d, или off
value-network = укажите сеть, например 10.0.0.0/8, или адрес
value-address = напишите УЗЕЛ:ПОРТ, например 127.0.0.1:8080, [::1]:8080 или localhost:0
value-api-method = «{ $value }» – не метод HTTP
value-api-path = «{ $value }» – не путь
value-api-path-host = укажите только путь: токен передаётся лишь выбранной платформе
value-api-field = напишите КЛЮЧ=ТЕКСТ или КЛЮЧ:=JSON
value-api-field-json = после := должен быть JSON: { $error }
value-api-field-empty = ключ не указан
value-api-field-twice = ключ «{ $key }» указан дважды
value-api-field-inside = «{ $key }»: у «{ $part }» уже есть значение
value-columns-none = столбцы не указаны
value-column = столбца «{ $name }» нет; есть столбцы: { $known }
value-jq = «{ $expression }» – не выражение jq
value-jq-names = в выражении «{ $expression }» использовано то, чего здесь нет: { $names }
value-jq-files = выражение «{ $expression }» читает файл; import и include здесь недоступны
value-setting = «{ $value }» – недопустимое значение; допустимые: { $words }
value-setting-server = «{ $value }» – не `local` и не адрес http или https
value-setting-password = паролю не место в файле настроек
value-setting-empty = значение не указано
value-setting-profile = профиля «{ $name }» нет
