# Что говорят команды заявителя.

done-create = Подано: { $number }
done-draft = Черновик сохранён: { $number }
done-submit = Подано: { $number }
done-comment = Комментарий к { $number } добавлен
done-reply = Ответ отправлен, { $number } возвращается в работу
done-attach = Файлы добавлены к { $number }
done-remove = Файл удалён из { $number }
done-restore = В { $number } восстановлена прежняя версия файла
done-edit = { $number }: изменения сохранены
done-cancel = { $number } отозвано
done-confirm = { $number } завершено
done-confirm-no = { $number } возвращается в работу
done-close = { $number } закрыто
done-repeat = Подано повторное обращение: { $number }
done-escalate = { $number } передано на вышестоящий уровень
done-rate = Отзыв по { $number } принят

list-cut = { $rows ->
        [1] Показана только первая строка
       *[other] Показаны только первые { $rows }
    }; все покажет --all
files-none = У { $number } нет файлов
files-so-far = Скачано: { $done } из { $of }
progress-upload = Отправка: { $count ->
        [one] { $count } файл
        [few] { $count } файла
       *[many] { $count } файлов
    }
journal-verified = Журнал { $number } цел: { $count ->
        [one] проверена { $count } запись
        [few] проверены { $count } записи
       *[many] проверено { $count } записей
    }
journal-broken-sequence = здесь должна быть запись { $expected }
journal-broken-digest = её содержание изменено
journal-broken-chain = она не продолжает предыдущую запись
journal-broken-end = она должна быть последней, но журнал заканчивается в другом месте
failure-journal-broken = Журнал { $number } нарушен на записи { $seq }: { $why }
failure-journal-broken-hint = Сохраните этот вывод: он показывает, что журнал изменяли. Попросите вышестоящий уровень разобраться.

failure-number-mistyped = В номере { $given } опечатка: контрольная цифра не сходится с остальными
failure-number-mistyped-hint = Сверьте его цифра за цифрой с подтверждением или найдите обращение: appeal list --search СЛОВА
failure-number-malformed = { $given } не похоже на номер обращения
failure-number-malformed-hint = Номера выглядят как 2026-0123456789-3, черновики – как D-0123ABCD
failure-record = { $place }: не удаётся разобрать содержимое: { $error }
failure-record-format = { $place }: расширение должно быть .json, .yaml, .yml или .toml
failure-record-format-hint = Дайте файлу расширение его формата или передайте его на стандартный ввод: --from -
failure-check = Проверка не пройдена: { $count ->
        [one] { $count } замечание
        [few] { $count } замечания
       *[many] { $count } замечаний
    }
failure-abandoned = Не подано
failure-file-ambiguous = Файлов с именем { $name } несколько
failure-file-ambiguous-hint = Укажите идентификатор файла: appeal files list НОМЕР
failure-file-unknown = У обращения нет файла { $id }
failure-file-unknown-hint = Посмотрите, какие есть: appeal files list НОМЕР
failure-version-unknown = У файла { $name } нет версии { $version }
failure-version-unknown-hint = Посмотрите, какие есть: appeal files history НОМЕР ID
files-version-one = укажите один файл, версия которого нужна
attach-replace-one = заменить файл можно ровно одним файлом
confirm-reason-without-no = причина указывается вместе с --no
unsent-send = Написанное сохранено. Отправить: appeal unsent send { $id }
unsent-continue = Написанное сохранено. Продолжить: appeal unsent send { $id }
unsent-correct = Написанное сохранено. Исправить: appeal unsent edit { $id }. Затем отправить: appeal unsent send { $id }
unsent-nowhere =
    Сохранить написанное не удалось ({ $error }). Вот этот текст:
    { $text }
unsent-unknown = Неотправленного текста { $id } нет
unsent-unknown-hint = Посмотрите, какие есть: appeal unsent list
unsent-ambiguous = С { $id } начинается несколько неотправленных текстов: { $ids }
unsent-command-unknown = Текст написан для команды { $command }, которой в этой версии нет
unsent-command-unknown-hint = Отправьте его той версией appeal, в которой он написан, или более новой
unsent-unreadable = Сохранённое нельзя отправить в таком виде: { $error }
unsent-incomplete = Текст { $id } не завершён, не хватает: { $missing }
unsent-incomplete-hint = Добавьте недостающее, например с --text ТЕКСТ: appeal unsent edit { $id }
unsent-unconfirmed = Работа над текстом { $id } была прервана, без подтверждения он не отправляется
unsent-unconfirmed-hint = Посмотрите его: appeal unsent show { $id }. Чтобы отправить как есть, добавьте --yes.
unsent-old = Версия 0.1 сохранила { $id } без команды и номера
unsent-old-hint = Дополните эту команду: { $command }
unsent-old-edit = Версия 0.1 сохранила { $id } без команды
unsent-old-edit-hint = Измените сам файл: { $path }
unsent-only-text = для команды { $command } можно изменить только текст
unsent-left = Не отправлено
unsent-edited = Текст { $id } изменён. Отправить: appeal unsent send { $id }
unsent-dropped = Текст { $id } удалён
unsent-not-dropped = Ничего не удалено
unsent-ask-drop = Удалить { $id } безвозвратно?
unsent-choice-send = Отправить
unsent-choice-later = Не отправлять сейчас
unsent-state-unsent = Не отправлен
unsent-state-unfinished = Не завершён
unsent-state-refused = Отклонён
failure-editor = Редактор не запускается: { $error }
failure-editor-hint = Задайте EDITOR или используйте --text либо --text-file
failure-editor-ended = Редактор завершился с ошибкой, поэтому ничего не отправлено
template-hint = Заполните пропуски: --field ИМЯ=ЗНАЧЕНИЕ; посмотреть их: appeal template show { $id }
dry-run-passed = Тестовый режим: все проверки пройдены, ничего не изменено
check-clean = Все проверки пройдены

finding-record-key-unknown = Неизвестный ключ { $key }
    .remedy = Возможно, имелось в виду: { $known }
finding-record-value-type = У { $key } значение не того типа
    .remedy = Напишите текст или число; fields, contacts, institution и documents – объекты, attach – список
finding-record-word-unknown = «{ $given }» – недопустимое значение для { $key }
    .remedy = Одно из: { $known }
finding-record-time = «{ $given }» – не дата и не время
    .remedy = Напишите 01.11.2026, 2026-11-01 14:30, 2026-11-01T14:30:00+03:00 или 2026-11
finding-record-time-relative = Смысл слов «{ $given }» зависит от дня, в который их читают
    .remedy = Укажите дату, например 2026-11-01 или 01.11.2026
finding-record-key-form = Ключ идемпотентности в { $key } недопустим
    .remedy = От 1 до 255 видимых символов ASCII
finding-record-two-texts = Указаны и text, и text-file
    .remedy = Оставьте одно из двух
finding-placeholder-missing = Шаблону нужно значение: { $title } ({ $name })
    .remedy = Добавьте --field { $name }=ЗНАЧЕНИЕ
finding-template-kind-unknown = Шаблон предназначен для обращений вида «{ $given }», который этой версии appeal неизвестен
    .remedy = Обновите appeal или укажите другой вид

word-required = обязательно
word-optional = по желанию
word-none = нет
category-fields = Для этой категории нужны сведения:
category-documents = Документы:
ask-kind = Вид обращения
ask-category = О чём обращение
ask-subject = Тема, в нескольких словах
ask-text = Теперь текст: откроется редактор
ask-expected = Ожидаемый результат (можно оставить пустым)
ask-field = { $title }
ask-deciding-region = Регион, название или код: от него зависит, кто ответит (можно не заполнять)
ask-time-form = Напишите 01.11.2026, 2026-11-01 14:30, 2026-11 или «вчера»
ask-document = { $title }: путь к файлу
ask-file = Путь к файлу, который нужно приложить (пусто – больше нет)
ask-email = Электронная почта для этого обращения
ask-phone = Телефон для этого обращения
ask-what-now = Что дальше
ask-write-reply = Написать ответ
choice-send = Подать
choice-edit-text = Изменить текст
choice-edit-subject = Изменить тему
choice-draft = Сохранить черновик
choice-abandon = Не подавать

column-required-fields = Обязательные поля
column-optional-fields = Необязательные поля
column-required-documents = Обязательные документы
column-optional-documents = Необязательные документы
column-attachments-max-files = Файлов не более
column-attachments-max-file-bytes = Размер файла до
column-attachments-max-total-bytes = Все файлы до
column-attachments-extensions = Форматы
column-internal = Служебная
column-salt = Соль
column-discarded = Удалён
column-place = Место

column-method = Метод
column-request = Запрос
column-headers = Заголовки
