# Что говорит клиент, когда платформа недоступна или с файлами что-то не так.
error-unreachable = Нет связи с { $place }: { $last } ({ $attempts ->
    [one] { $attempts } попытка
    [few] { $attempts } попытки
   *[many] { $attempts } попыток
})
error-unreachable-hint = Проверьте адрес и соединение.
error-platform-failing-hint = Запрос верен: на платформе сбой, или она перегружена. Повторите позже.
error-protocol = Неожиданный ответ: { $what }
error-protocol-hint = Проверьте, что адрес сервера ведёт на платформу обращений и что версии программы и платформы не слишком разошлись.
error-files = { $count ->
    [one] { $count } файл не прошёл проверку; ничего не отправлено
    [few] { $count } файла не прошли проверку; ничего не отправлено
   *[many] { $count } файлов не прошли проверку; ничего не отправлено
}
error-files-hint = Замените или уберите названные выше файлы.
error-file = { $path }: { $kind ->
    [not-found] нет такого файла или папки
    [denied] нет доступа
    [full] на диске нет места
    [read-only] файловая система доступна только для чтения
    [directory] это папка
    [not-directory] часть пути не является папкой
    [exists] такой файл уже есть
   *[other] { $why }
}
error-file-hint = Проверьте путь, права на чтение или запись и свободное место на диске.
error-file-changed = Файл { $path } изменился после проверки и поэтому не отправлен
error-file-changed-hint = Дождитесь окончания записи в файл.
error-digest = Файл { $name } повреждён при передаче: его SHA-256 { $actual }, а ожидался { $expected }
error-digest-hint = Ничего не сохранено. Скачайте файл ещё раз; если повторится, сообщите администратору платформы.
server-url-scheme = { $value } не похоже на адрес платформы
server-url-scheme-hint = Адрес начинается с https:// или http:// и содержит имя узла, например https://appeals.example; либо это слово local.
server-url-credentials = В адресе сервера не должно быть имени и пароля
server-url-credentials-hint = Уберите их и войдите через appeal login, APPEAL_TOKEN или --token-file.
server-url-query = В адресе { $value } есть запрос или якорь; в адресе платформы их быть не должно
server-url-query-hint = Уберите всё, начиная со знака ? или #.
server-tls = Не удалось подготовить защищённое соединение: { $value }
server-tls-hint = Установите корневые сертификаты системы (пакет ca-certificates) или укажите файл с ними в SSL_CERT_FILE.
