# Бумаги: PDF ответа и карточки обращения, их выгрузка.

paper-answer-title = Ответ на обращение № { $number }
paper-card-title = Карточка обращения № { $number }
paper-page = Страница { $page } из { $of }
paper-code = QR-код с номером обращения { $number }
paper-yes = да
paper-no = нет

paper-answered-at = Дата ответа
paper-applicant = Заявитель
paper-organization = Организация
paper-organization-inn = { $name }, ИНН { $inn }
paper-number = Номер обращения
paper-filed-at = Дата подачи
paper-subject = Тема
paper-decision = Решение
paper-answer-text = Ответ
paper-refusal-text = Причина отказа
paper-files = Файлы к ответу
paper-file = { $at }. { $name }, { $bytes ->
    [one] { $bytes } байт
    [few] { $bytes } байта
   *[many] { $bytes } байт
}
paper-file-version = { $at }. { $name }, версия { $version }, { $bytes ->
    [one] { $bytes } байт
    [few] { $bytes } байта
   *[many] { $bytes } байт
}
paper-signed-by = Подписал(а)
paper-date = Дата

paper-status-since = { $status }, с { $at }
paper-overdue = Срок ответа прошёл.
paper-text = Текст обращения
paper-by = { $at }, { $who }
paper-internal = служебный
paper-answer-file = Файл к ответу
paper-clarification = Запрос уточнения
paper-reply-due = Ответить до
paper-escalation = Эскалация
paper-level = Уровень
paper-grounds = Основание
paper-state = Состояние
paper-outcome = Итог
paper-review = Отзыв о решении
paper-score = Оценка
paper-participants = Участники
paper-entry = { $seq }. { $action } — { $by }
paper-chain = Хеш последней записи журнала

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
failure-paper-exists = { $path } уже существует.
failure-paper-exists-hint = Назовите другой файл или добавьте --force, чтобы заменить этот.
failure-paper-folder = { $path } уже существует и не пуста.
failure-paper-folder-hint = Назовите новую папку: выгрузка не смешивается с другими файлами.
failure-paper-terminal = PDF не выводится на терминал.
failure-paper-terminal-hint = Укажите имя файла или направьте вывод в файл или другую программу.

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
failure-paper-special = { $path } — не обычный файл и не подходящая папка.
failure-paper-special-hint = Назовите файл или папку, которых ещё нет.
paper-to-special = нужна новая папка или файл с расширением .zip
