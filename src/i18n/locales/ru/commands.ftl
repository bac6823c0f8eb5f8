# watch, wait, changes
cursor-file-other = { $path } – это не файл с отметкой о прочитанном
cursor-file-other-hint = Укажите другой файл или удалите этот, чтобы начать с текущего момента
cursor-file-busy = Файл с отметкой { $path } занят другим запуском
cursor-file-busy-hint = Дождитесь его завершения или дайте каждому запуску свой файл
watch-begins = Слежу за изменениями на { $place }
watch-already = Уже достигнуто
watch-restored = Платформа не знает отметки последнего изменения: она восстановлена из резервной копии или это другая платформа. Продолжаю с изменений, сделанных позже
watch-exec-failed = Команда для { $number } завершилась с ошибкой: { $what }
watch-no-shell = Не удалось запустить оболочку: { $error }
wait-open = Всё ещё ожидаются: { $appeals }
wait-more = и ещё { $count }
wait-in-vain = { $number }: обращение завершилось со статусом «{ $status }», ожидаемый статус уже невозможен
wait-in-vain-hint = Заявитель может подать повторное обращение или передать это на вышестоящий уровень; подробности: `appeal show`
wait-passed = { $number }: обращение уже в статусе «{ $status }», ожидаемый статус больше не наступит
changes-first = Первый запуск: отметка сохранена, изменения с этого момента будут показаны в следующий раз
changes-first-peek = Первый запуск: без --dry-run отметка была бы сохранена, а следующие за ней изменения показаны в следующий раз
changes-restored = Платформа не знает отметки из файла: она восстановлена из резервной копии или это другая платформа. Продолжаю со времени записи файла; часть изменений может быть показана повторно

# operator, supervisor, auth
done-taken = { $number }: обращение взято в работу
done-under-review = { $number }: обращение на рассмотрении
done-assigned = { $number }: назначен ответственный
done-asked = { $number }: у заявителя запрошено уточнение
done-operator-commented = { $number }: комментарий добавлен
done-redirected = { $number }: обращение перенаправлено
done-answered = { $number }: ответ дан
done-refused = { $number }: в обращении отказано
done-upheld = { $number }: решение оставлено в силе
done-decision-changed = { $number }: решение изменено
done-returned = { $number }: обращение возвращено в работу
due-past = это время уже прошло
answer-refused = отказ даётся командой `appeal operator refuse НОМЕР --reason …`
token-once = Токен показывается только один раз. Сохраните его в файле, доступном только вам, и укажите файл в --token-file

# api, config, profile, man, serve
api-paginate-get = по страницам можно читать только запросом GET
api-refused = В ответ пришла ошибка: { $status }
config-set = Настройка { $key } сохранена
config-unset = Настройка { $key } удалена
config-not-set = Настройка { $key } не задана
profile-used = Профиль по умолчанию: { $name }
profile-removed = Профиль { $name } удалён
profile-unknown = Профиля «{ $name }» нет
profile-unknown-hint = Список: `appeal profile list`; новый профиль: `appeal config set profiles.ИМЯ.server АДРЕС`
man-written = { $count ->
        [one] Записана { $count } страница
        [few] Записаны { $count } страницы
       *[other] Записано { $count } страниц
    } в { $dir }
serve-stopped = остановлено
serve-log = APPEAL_LOG: «{ $value }» – не список уровней журнала
serve-log-hint = Укажите уровень (error, warn, info, debug или trace), для отдельной части – sqlx=debug, через запятую
serve-listen = Не удаётся принимать соединения на { $address }: { $error }
serve-listen-hint = Возможно, адрес занят другой программой: выберите другой порт в --listen
serve-local-people = В этой базе есть люди встроенной платформы, от имени которых может действовать любой на этой машине; не открывайте её другим
serve-open = Платформу не удаётся открыть: { $error }
serve-metrics = Не удаётся вести счётчики: { $error }
serve-not-built-in = Эта сборка не содержит платформы
serve-not-built-in-hint = Соберите программу с возможностью `platform`

# batch
batch-checking = Проверка
batch-filing = Подача
batch-filing-counts = Подача ({ $counts })
batch-count-filed = подано: { $count }
batch-count-already = подано ранее: { $count }
batch-count-failed = отклонено: { $count }
batch-count-invalid = с ошибками: { $count }
batch-count-pending = не отправлено: { $count }
batch-done = Итог – { $counts }; журнал: { $journal }
batch-so-far = Сделано – { $counts }. Чтобы продолжить, запустите ту же команду ещё раз
batch-dry-run-ended = Тестовый режим: { $counts }
batch-partial = Поданы не все обращения – { $counts }
batch-partial-hint = Исправьте отклонённые записи и запустите ту же команду ещё раз: будет отправлено только то, что ещё не подано ({ $journal })
batch-stopped = Подача остановлена – { $counts }
batch-stopped-hint = Чтобы продолжить, запустите ту же команду ещё раз; журнал: { $journal }
batch-max-failures = Отклонено обращений: { $count }.
batch-warnings = { $count ->
        [one] Есть { $count } замечание
        [few] Есть { $count } замечания
       *[other] Есть { $count } замечаний
    } к тексту обращений; их покажет --dry-run
batch-row-changed = Под ключом { $key } уже подано обращение { $number }, но с другим содержанием
batch-row-changed-hint = Измените обращение командой appeal edit { $number } или дайте записи свой ключ
batch-invalid = Не прошли проверку: { $invalid } из { $rows }; ничего не подано
batch-more-findings = Не показано замечаний: { $count }
batch-place = { $file }:{ $line }, запись { $row }
batch-place-file = { $file }:{ $line }
batch-journal-busy = Журнал { $path } занят другим запуском: { $holder }
batch-journal-busy-hint = Дождитесь его завершения
batch-journal-other = { $path } – это не журнал пакетной подачи
batch-journal-other-hint = Укажите другой файл в --journal
batch-journal-broken = Журнал { $path } не удаётся использовать: { $error }
batch-journal-broken-hint = Укажите другое место в --journal; без журнала ничего не отправляется
batch-journal-foreign = По журналу { $path } обращение { $number } подано здесь, но платформа его не знает
batch-journal-foreign-hint = Платформа развёрнута заново, или журнал принадлежит другому человеку. Чтобы подать всё, укажите другой журнал в --journal или удалите этот
batch-status-filed = Подано
batch-status-already = Подано ранее
batch-status-failed = Отклонено
batch-status-invalid = С ошибками
batch-status-pending = Не отправлено

finding-batch-utf16 = Файл в кодировке UTF-16
    .remedy = Сохраните его как «CSV UTF-8»
finding-batch-spreadsheet = Это электронная таблица или архив, а не CSV или JSON
    .remedy = Сохраните файл как «CSV UTF-8»
finding-batch-not-utf8 = Текст не в кодировке UTF-8
    .remedy = Сохраните файл как «CSV UTF-8»
finding-batch-empty = Файл пуст
    .remedy = В первой строке должны быть названия столбцов
finding-batch-column-twice = Два столбца названы одинаково
    .remedy = Переименуйте или удалите столбец { $column }
finding-batch-cells-few = В записи ячеек: { $cells }, а в заголовке столбцов: { $columns }
    .remedy = Проверьте, не пропущен ли разделитель и не попал ли он внутрь кавычек
finding-batch-cell-extra = У ячейки { $column } нет столбца: в заголовке их { $columns }
    .remedy = Тексты с разделителями заключайте в кавычки
finding-batch-quote-open = Кавычка открыта и не закрыта
    .remedy = Закройте её, а кавычки внутри текста удвойте: ""
finding-batch-too-long = Запись длиннее 64 МиБ
    .remedy = Проверьте, не пропущен ли конец строки или кавычка
finding-batch-json = Запись – не JSON: { $error }
    .remedy = Исправьте её в указанном месте
finding-batch-no-object = Запись – не объект JSON
    .remedy = Пишите так: {"{"}"subject": "…", "text": "…"{"}"}
finding-batch-array = Список – не массив JSON
    .remedy = Записи стоят между [ и ] через запятую
finding-batch-array-end = Массив JSON обрывается
    .remedy = Файл неполон, или не хватает ]
finding-batch-after-array = После массива JSON есть что-то ещё
    .remedy = В файле один массив; либо пишите по объекту в строке
finding-batch-key-twice = Ключ «{ $key }» уже есть у записи { $row }
    .remedy = Дайте каждой записи свой ключ или уберите ключи
finding-batch-template = Шаблона «{ $id }» нет
    .remedy = Список шаблонов: `appeal template list`
finding-batch-text-file = Текст не прочитан: { $error }
    .remedy = Укажите текстовый файл UTF-8 путём от файла с записями

column-error-message = Ошибка
column-error-code = Код
