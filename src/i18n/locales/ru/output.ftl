# Words of the printer: headings, labels of vocabularies, failures.

## General

yes = да
no = нет
word-error = ошибка
word-warning = предупреждение
word-hint = подсказка
word-overdue = просрочено
size-bytes = { $number } Б
size-kib = { $number } КиБ
size-mib = { $number } МиБ
size-gib = { $number } ГиБ
open-moves = Что можно сделать сейчас:
who-applicant = заявитель
who-operator = сотрудник
who-supervisor = руководитель
who-platform = платформа
card-since = с { $at }
card-due = ответ до { $at }
card-by = { $at }, { $who }
card-internal = служебный
card-answer = { $at }, { $decision }, подписал(а) { $who }
card-file = файл: { $name }
card-clarification = Требуется уточнение
card-reply-due = ответить до { $at }
card-participants = Участники
card-escalation = Эскалация
card-review = Отзыв о решении
place-stdin = стандартный ввод

## Failures; `-hint` says what to do

failure-missing = { $flag }: не задано, и нет терминала, чтобы спросить
failure-invalid = Данные не прошли проверку; ничего не отправлено
failure-file = { $path }: { $error }
failure-sign-in-hint = Войдите командой `appeal login` либо задайте токен в APPEAL_TOKEN или через --token-file.
failure-jq = --jq: { $error }
failure-io = Сбой чтения или записи: { $error }
failure-done-hint = Действие выполнено, не удалось только вывести результат: { $what }
failure-interrupted = Прервано
failure-repeat-hint = Повторите ту же команду с --idempotency-key { $key }: действие не выполнится дважды.
failure-timeout = Время, заданное в --timeout, истекло
failure-config = Ошибка в настройках: { $error }
failure-config-hint = Где лежит файл, покажет `appeal config path`.
failure-config-key = Нет настройки «{ $key }»
failure-config-key-hint = Настройки: default_profile и profiles.ИМЯ.(server, data_dir, as, output, lang, token_file, color).
failure-token = Токен использовать нельзя: { $error }
failure-token-loose = Файл { $path } могут читать другие пользователи этой машины (права { $mode })
failure-token-loose-hint = Выполните: chmod 600 { $path }
failure-no-home = Нет домашнего каталога для настроек и данных
failure-no-home-hint = Задайте HOME или APPEAL_CONFIG и --data-dir.
failure-region-unknown = Регион «{ $given }» неизвестен
failure-region-unknown-hint = Список покажет `appeal region list`.
failure-region-ambiguous = Под «{ $given }» подходит несколько регионов: { $regions }
failure-region-ambiguous-hint = Укажите полное название или код.
failure-time-zone = Переменная TZ задаёт неизвестный часовой пояс: «{ $value }»
failure-time-zone-hint = Укажите название, например Europe/Moscow, или удалите переменную.
failure-no-profile = { $origin }: нет профиля «{ $name }»
failure-no-profile-hint = Имеющиеся покажет `appeal profile list`.
failure-profile-server = В профиле «{ $name }» не указан server
failure-profile-server-hint = Выполните: appeal config set profiles.{ $name }.server URL
failure-no-platform = Платформа не выбрана
failure-no-platform-hint = Задайте --server URL (или --server local для встроенной) либо профиль: appeal config set profiles.main.server URL, затем appeal profile use main
failure-bad-server = «{ $server }» — не `local` и не адрес http(s)
failure-as-url = выбирает человека локальной платформы; на сервере вас определяет токен
failure-database-url = относится к локальной платформе, а не к серверу
failure-not-built-in = В этой сборке нет встроенной платформы
failure-not-built-in-hint = Соберите с возможностью `platform` или задайте --server URL.
failure-data-dir = { $path } использовать нельзя: { $error }
failure-data-dir-hint = Выберите другой через --data-dir или APPEAL_DATA_DIR.
failure-trying-again = { $place } не отвечает ({ $why }); пробуем ещё
failure-person = --as: { $error }
failure-no-command = Не задана команда
failure-no-command-hint = Список команд: `appeal --help`.
failure-stdin-twice = стандартный ввод можно отдать только одному флагу
failure-stdin-large = Текст на стандартном вводе слишком длинный
failure-text-large = { $place }: текст слишком длинный
failure-not-utf8 = { $place }: текст не в UTF-8
failure-not-utf8-hint = Перекодируйте: iconv -f CP1251 -t UTF-8 ФАЙЛ
failure-nul = { $place }: в тексте есть символ NUL (байт { $at })
failure-nothing-written = В редакторе ничего не написано
warning-token-loose = предупреждение: файл { $path } могут читать другие пользователи этой машины (права { $mode }); выполните: chmod 600 { $path }
warning-plain-http = Соединение с { $place } не зашифровано: токен и тексты могут быть перехвачены

## Headings of columns and fields

column-number = Номер
column-status = Статус
column-kind = Вид
column-category = Категория
column-subject = Тема
column-text = Описание
column-priority = Приоритет
column-channel = Канал
column-region = Регион
column-place-address = Место
column-place-latitude = Широта
column-place-longitude = Долгота
column-service = Услуга
column-application = Номер заявления
column-names = Другие названия
column-region-text = Регион, как указан
column-occurred-at = Когда произошло
column-organization = Организация
column-expected = Ожидаемый результат
column-steps = Что было сделано
column-actual = Что получилось
column-institution-name = Организация (место)
column-institution-inn = ИНН организации (места)
column-institution-address = Адрес
column-contacts-email = Эл. почта
column-contacts-phone = Телефон
column-contacts-preferred = Способ связи
column-applicant-login = Логин заявителя
column-applicant-name = Заявитель
column-organization-inn = ИНН
column-organization-name = От имени организации
column-department = Подразделение
column-responsible = Ответственный
column-created-at = Подано
column-updated-at = Изменено
column-status-since = Статус с
column-due-at = Срок ответа
column-due-on = День срока
column-overdue = Просрочено
column-deadlines = Сроки
column-attachments = Файлы
column-attachments-name = Файлы
column-comments = Комментарии
column-answers = Официальные ответы
column-journal = Журнал
column-repeat-of = Повтор обращения
column-repeats = Повторные обращения
column-merged-into = Объединено с
column-escalations = Эскалации
column-escalations-level = Уровни рассмотрения
column-review-score = Оценка
column-review-state = Состояние отзыва
column-participants-login = Участники
column-answers-at = Когда дан ответ
column-answers-decision = Решение
column-answers-id = Ид. ответа
column-answers-signed-by = Подписал
column-answers-text = Текст ответа
column-attachments-added-at = Файлы добавлены
column-attachments-added-by = Кто добавил файлы
column-attachments-id = Ид. файлов
column-attachments-media-type = Типы файлов
column-attachments-size = Размеры файлов
column-attachments-sha256 = SHA-256
column-attachments-version = Версии файлов
column-clarification-asked-at = Когда спросили
column-clarification-asked-by = Кто спросил
column-clarification-id = Ид. запроса
column-clarification-needs = Что нужно
column-comments-at = Когда написано
column-comments-author = Авторы комментариев
column-comments-id = Ид. комментариев
column-comments-internal = Служебный
column-comments-text = Тексты комментариев
column-deadlines-due-at = Сроки шагов
column-deadlines-due-on = Дни сроков шагов
column-deadlines-kind = Шаги
column-deadlines-state = Состояние шагов
column-escalations-due-at = Сроки рассмотрения
column-escalations-due-on = Дни сроков рассмотрения
column-escalations-grounds = Основания
column-escalations-outcome-at = Когда рассмотрено
column-escalations-outcome-by = Кто рассмотрел
column-escalations-outcome-result = Итог
column-escalations-outcome-text = Текст решения
column-escalations-reason = Обоснования
column-escalations-state = Состояние рассмотрения
column-participants = Участники
column-participants-role = Роли
column-clarification-question = Вопрос
column-clarification-due-at = Срок ответа на уточнение
column-clarification-due-on = День срока уточнения
column-version = Версия
column-at = Когда
column-event = Событие
column-actor = Кто
column-summary = Что произошло
column-cursor = Метка
column-id = Ид.
column-name = Имя
column-size = Размер
column-sha256 = SHA-256
column-media-type = Тип
column-added-at = Добавлено
column-added-by = Кем
column-code = Код
column-title = Название
column-hint = Подсказка
column-parent = Родитель
column-access = Доступ
column-policy = Политика сроков
column-documents = Документы
column-documents-code = Документы
column-fields = Поля
column-fields-key = Поля
column-placeholders = Подстановки
column-placeholders-name = Подстановки
column-severity = Тяжесть
column-field = Поле
column-message = Сообщение
column-remedy = Что сделать
column-seq = №
column-action = Действие
column-changes = Изменения
column-hash = Хеш
column-digest = Дайджест
column-row = Запись
column-key = Ключ
column-error = Ошибка
column-login = Логин
column-role = Роль
column-scopes = Права
column-expires-at = Действует до
column-token = Токен
column-kept-at = Хранится с
column-command = Команда
column-database = База данных
column-files-path = Файлы
column-body = Содержание
column-server = Платформа
column-default = По умолчанию
column-value = Значение
column-level = Уровень
column-state = Состояние
column-path = Путь
column-data-dir = Данные
column-as = От лица
column-output = Формат
column-lang = Язык
column-token-file = Файл токена
column-color = Цвет

## Vocabulary: kind

kind-complaint = Жалоба
kind-suggestion = Предложение
kind-gratitude = Благодарность
kind-request = Запрос информации
kind-technical = Техническая проблема
kind-question = Консультация

## Vocabulary: priority

priority-normal = Обычный
priority-high = Высокий

## Vocabulary: channel

channel-account = Личный кабинет
channel-email = Электронная почта
channel-chat = Чат
channel-phone = Телефон
channel-in-person = Личный приём

## Vocabulary: contact way

contact-way-account = В личном кабинете
contact-way-email = По электронной почте
contact-way-phone = По телефону

## Vocabulary: role

role-individual = Физическое лицо
role-representative = Представитель
role-intermediary = Посредник
role-operator = Сотрудник
role-supervisor = Руководитель
role-analyst = Аналитик
role-admin = Администратор

## Vocabulary: account state

account-state-active = Активна
account-state-confirmation-required = Требуется подтверждение
account-state-blocked = Заблокирована

## Vocabulary: scope

scope-read = Чтение
scope-file = Подача
scope-operate = Работа с обращениями
scope-report = Отчёты
scope-admin = Администрирование

## Vocabulary: participant role

participant-role-view = Просмотр
participant-role-comment = Комментирование
participant-role-represent = Представительство

## Vocabulary: decision

decision-granted = Удовлетворено
decision-partly = Удовлетворено частично
decision-explained = Дано разъяснение
decision-refused = Отказано

## Vocabulary: level

level-senior = Старший специалист
level-regional = Региональный уровень
level-federal = Федеральный уровень
level-ombudsman = Уполномоченный
level-quality = Контроль качества

## Vocabulary: escalation grounds

escalation-grounds-overdue = Нет ответа в срок
escalation-grounds-unsatisfactory = Ответ не устраивает
escalation-grounds-critical = Критическая ошибка
escalation-grounds-several-services = Затронуто несколько ведомств

## Vocabulary: escalation state

escalation-state-pending = Рассматривается
escalation-state-returned = Возвращено в работу
escalation-state-upheld = Решение оставлено в силе
escalation-state-changed = Решение изменено
escalation-state-superseded = Передано на более высокий уровень

## Vocabulary: repeat grounds

repeat-grounds-incomplete = Ответ неполный
repeat-grounds-overdue = Срок ответа прошёл
repeat-grounds-unlawful = Ответ противоречит закону

## Vocabulary: review category

review-category-technical = Техническая сторона
review-category-legal = Правовая сторона
review-category-service = Качество обслуживания

## Vocabulary: review state

review-state-pending = Ожидает рассмотрения
review-state-in-revision = На пересмотре
review-state-completed = Пересмотр завершён

## Vocabulary: severity

severity-error = ошибка
severity-warning = предупреждение

## Vocabulary: access

access-public = Открытая
access-closed = Закрытая

## Vocabulary: deadline kind

deadline-kind-first-status = Первый статус
deadline-kind-registration = Регистрация
deadline-kind-decision = Решение
deadline-kind-redirection = Перенаправление
deadline-kind-clarification = Ответ на запрос уточнения
deadline-kind-escalation = Решение по эскалации
deadline-kind-confirmation = Подтверждение заявителем

## Vocabulary: deadline state

deadline-state-pending = ожидается
deadline-state-met = выполнено
deadline-state-overdue = просрочено
deadline-state-paused = приостановлено

## Журнал: что сделано и изменённые поля, которые не бывают столбцами

list-empty = Ничего не найдено
journal-hidden = (служебная запись)
card-confirm-due = подтвердить до { $at }
action-create = подано
action-draft = сохранён черновик
action-submit = черновик отправлен
action-register = зарегистрировано
action-take = взято в работу
action-review = рассмотрение
action-ask = запрос
action-reply = дано уточнение
action-reply-expired = срок уточнения истёк
action-redirect = перенаправлено
action-answer = дан ответ
action-answer-awaiting = дан ответ
action-refuse = отказано
action-confirm = подтверждено
action-dispute = не решено
action-close = закрыто
action-auto-close = закрыто автоматически
action-cancel = отозвано
action-merge = объединено
action-escalate = эскалация
action-return = возвращено в работу
action-uphold = решение оставлено
action-change = решение изменено
action-comment = комментарий
action-attach = добавлены файлы
action-edit = изменено
action-assign = назначено
action-rate = оценено
action-repeat = подано повторно
journal-field-comment = Комментарий
journal-field-answer = Официальный ответ
journal-field-attachment = Файл
journal-field-clarification = Вопрос
journal-field-escalated = Уровень рассмотрения
journal-field-escalation = Эскалация
journal-field-outcome = Итог
journal-field-review = Оценка
journal-field-note = Примечание
journal-field-reason = Причина
journal-field-repeat = Повторное обращение
journal-field-fields = Поля
journal-field-contacts = Контакты
journal-field-institution = Учреждение
journal-field-organization = Организация
journal-field-applicant = Заявитель
progress-left = осталось { $time }
