# PDF ответов и карточек обращений, их выгрузка.

pdf-answer-title = Ответ на обращение № { $number }
pdf-card-title = Карточка обращения № { $number }
pdf-page = Страница { $page } из { $of }
pdf-code = QR-код с номером обращения { $number }
pdf-yes = да
pdf-no = нет

pdf-answered-at = Дата ответа
pdf-applicant = Заявитель
pdf-organization = Организация
pdf-organization-inn = { $name }, ИНН { $inn }
pdf-number = Номер обращения
pdf-filed-at = Дата подачи
pdf-subject = Тема
pdf-decision = Решение
pdf-answer-text = Ответ
pdf-refusal-text = Причина отказа
pdf-files = Файлы к ответу
pdf-file = { $at }. { $name }, { $bytes ->
    [one] { $bytes } байт
    [few] { $bytes } байта
   *[many] { $bytes } байт
}
pdf-file-version = { $at }. { $name }, версия { $version }, { $bytes ->
    [one] { $bytes } байт
    [few] { $bytes } байта
   *[many] { $bytes } байт
}
pdf-signed-by = Подписал(а)
pdf-date = Дата

pdf-status-since = { $status }, с { $at }
pdf-overdue = Срок ответа прошёл.
pdf-text = Текст обращения
pdf-by = { $at }, { $who }
pdf-internal = служебный
pdf-answer-file = Файл к ответу
pdf-clarification = Запрос уточнения
pdf-reply-due = Ответить до
pdf-escalation = Эскалация
pdf-level = Уровень
pdf-grounds = Основание
pdf-state = Состояние
pdf-outcome = Итог
pdf-review = Отзыв о решении
pdf-score = Оценка
pdf-participants = Участники
pdf-entry = { $seq }. { $action } — { $by }
pdf-chain = Хеш последней записи журнала

# Команды answer и export.

column-decision = Решение
column-signed-by = Подписал(а)
column-bytes = Байт
column-files = Файлов
column-verified = Журнал сверен

failure-no-answer = На обращение { $number } ещё нет официального ответа (статус: { $status }).
failure-no-answer-hint = Ответ ожидается до { $due }. Дождаться его поможет `appeal wait { $number } --for answered`.
failure-no-answer-undated = На обращение { $number } ещё нет официального ответа (статус: { $status }).
failure-no-answer-undated-hint = Срок ответа не назначен.
failure-answer-unknown = У обращения { $number } нет ответа { $id }.
failure-answer-unknown-hint = Ответы перечисляет `appeal answer { $number }`.
failure-folder-not-empty = { $path } уже существует и не пуста.
failure-folder-not-empty-hint = Назовите новую папку: выгрузка не смешивается с другими файлами.
failure-pdf-terminal = PDF не выводится на терминал.
failure-pdf-terminal-hint = Укажите имя файла или направьте вывод в файл или другую программу.

export-progress = Выгрузка
export-so-far = Выгружено обращений: { $done }; выгрузка не завершена и удалена.
export-done = { $count ->
    [one] Выгружено { $count } обращение: { $path }
    [few] Выгружено { $count } обращения: { $path }
   *[many] Выгружено { $count } обращений: { $path }
}
export-vanished = { $number }: уже не найдено, пропущено
export-unverified = { $number }: цепочка журнала не сходится, запись { $seq }
failure-export-unverified = Выгрузка завершена, но журналы обращений не сошлись: { $count }.
failure-export-unverified-hint = Подробности: `appeal journal НОМЕР --verify`.
failure-special-file = { $path } — не обычный файл и не подходящая папка.
failure-special-file-hint = Назовите файл или папку, которых ещё нет.
export-to-special = нужна новая папка или файл с расширением .zip
