# Пакетная подача: подробности.
problem-lines-expected = Тело запроса – не JSON Lines
    .hint = Передайте его с заголовком «Content-Type: application/jsonl».
problem-too-many-lines = В запросе больше { $limit } строк
    .hint = Передайте их несколькими запросами.
batch-template-broken = Шаблон { $place } нельзя использовать: { $error }
finding-batch-template-value = { $error }
    .remedy = Добавьте это значение в запись или исправьте шаблон.
batch-retry-input = Журнал { $path } говорит, что записи взяты из { $input }, но прочитать это снова нельзя
batch-retry-input-hint = Запустите «appeal batch submit ФАЙЛ --journal { $path }» с этим файлом.
batch-retry-none = Подавать повторно нечего: отказов не было
batch-status-counts = { $counts }; журнал { $path }
batch-no-journal = Журнала { $path } нет
batch-rate = { $rate } записей/с
batch-retry-elsewhere = Журнал { $path } ведётся для другой платформы: { $place }
batch-retry-elsewhere-hint = Выберите её параметром --server
batch-similar = запись { $row }: очень похожа на обращение { $number } (сходство { $score })
batch-similar-row = запись { $row }: очень похожа на запись { $other }, обращение { $number } (сходство { $score })
batch-similar-more = Ещё { $count ->
    [one] { $count } запись
    [few] { $count } записи
   *[other] { $count } записей
} – очень похоже на другие записи этого пакета
batch-file-changed = Под ключом { $key } уже подано обращение { $number }, но файл { $file } тогда был другим
batch-file-changed-hint = Замените файл командой appeal attach { $number } { $file } --replace ID или дайте записи свой ключ
batch-row-sent-otherwise = Запись уже отправлялась с другим содержанием, и оно подано; ответ был потерян
batch-row-sent-otherwise-hint = Найдите обращение командой appeal list и измените его командой appeal edit или дайте записи свой ключ
finding-batch-array-comma = По одну сторону запятой нет записи
    .remedy = Уберите лишнюю запятую
batch-row-unknown-hint = Запустите ту же команду ещё раз: уже поданное обращение второй раз подано не будет
finding-batch-quote-stray = Ячейка { $column } продолжается после закрывающей кавычки
    .remedy = Удвойте кавычки внутри текста: ""
