# Совместный доступ, версии файлов, отзывы о решениях, цепочки повторных обращений.

event-shared = {$actor}: доступ к обращению открыт для {$login} ({$role})
event-unshared = {$actor}: доступ к обращению закрыт для {$login}
event-revision-taken = {$actor}: отзыв о решении взят на пересмотр
event-revised = {$actor}: пересмотр решения завершён

action-share = открыт доступ
action-unshare = закрыт доступ
action-take-revision = взято на пересмотр
action-revise = пересмотр завершён
action-replace-file = файл заменён
action-restore-file = возвращена версия файла
action-remove-file = файл удалён

journal-field-participant = Участник
journal-field-participants = Участники

done-share = { $number }: доступ открыт
done-unshare = { $number }: доступ закрыт
done-revision-taken = { $number }: отзыв взят на пересмотр
done-revised = { $number }: пересмотр завершён

journal-draft = (запись черновика)
card-chain = Цепочка обращений
card-chain-place = { $position } из { $count }
card-versions = Версии
card-revising = пересматривает { $who }
card-revised = пересмотрено { $at }, { $who }
column-chain-count = Обращений в цепочке
column-chain-position = Место в цепочке
column-chain-numbers = Цепочка обращений
column-escalations-department = Подразделения рассмотрения
column-review-category = О чём отзыв
column-review-remarks = Замечания
column-review-at = Оценено
column-review-changes = Что изменено
column-review-revised-at = Пересмотрено
column-review-by = Кто пересматривал

problem-forbidden-share = Открывать доступ может только заявитель или тот, кто подаёт обращения от той же организации.
    .hint = Попросите об этом заявителя.
problem-forbidden-reviewer = Это делает только руководитель, который рассматривает отзывы о решениях.
    .hint = Войдите как руководитель уровня senior, quality или уровня, на который обращение передавали.
problem-share-draft = {$number} – черновик: его никто, кроме вас, не видит.
    .hint = Сначала отправьте его: appeal submit {$number}
problem-share-many = Доступ к обращению уже есть у { $limit ->
        [one] { $limit } человека
       *[other] { $limit } человек
    }.
    .hint = Сначала закройте доступ кому-нибудь из них.
finding-participant-unknown = Действующей учётной записи «{$given}» нет
    .remedy = Уточните у человека, как пишется его логин
finding-participant-self = «{$given}» – это вы
    .remedy = Укажите другого человека
finding-participant-owner = «{$given}» подаёт обращения от той же организации и видит это обращение без доступа
    .remedy = Укажите другого человека
finding-participant-authority = «{$given}» работает с этим обращением со стороны ведомства
    .remedy = Укажите того, кто с ним не работает
finding-department-review = «{$given}» рассматривает эскалации; перенаправить туда обращение нельзя
    .remedy = Укажите подразделение, которое даёт ответы
finding-revise-text = Документы прилагаются к тексту о том, что изменено
    .remedy = Добавьте текст или уберите документы

problem-edit-decided = Ответ уже дан ({$status}): изменить можно только контакты.
    .hint = Добавьте комментарий, сообщите, что вопрос не решён, или подайте повторное обращение.

problem-repeat-draft = Повторять нечего: обращение не подано.
    .hint = Сначала отправьте черновик: appeal submit {$number}
problem-repeat-not-overdue = Срок ответа не истёк: ответ ожидается {$possible}.
    .hint = По основанию «overdue» повторное обращение возможно после {$possible}.
problem-repeat-in-time = Ответ дан в срок.
    .hint = Если он неполон или противоречит закону, укажите основание «incomplete» или «unlawful».
problem-repeat-waits = Ведомство ждёт вашего уточнения, и срок не идёт.
    .hint = Сначала ответьте: appeal reply {$number}
problem-repeat-ended = Обращение завершилось без ответа раньше, чем истёк его срок.
    .hint = Повторите его по основанию «incomplete» или подайте новое.
problem-repeat-unanswered = Ответа, к которому подошло бы основание «{$grounds}», ещё нет; он ожидается {$possible}.
    .hint = Дождитесь ответа; по основанию «overdue» повторное обращение возможно после {$possible}.
problem-repeat-unanswered-waits = Ответа, к которому подошло бы основание «{$grounds}», ещё нет.
    .hint = Ответьте на запрос уточнения и дождитесь ответа: appeal show {$number}
problem-repeat-overdue = Ответа, к которому подошло бы основание «{$grounds}», нет, а срок истёк.
    .hint = Укажите основание «overdue».
problem-repeat-in-work = Прежний ответ не окончателен: ведомство готовит другой.
    .hint = Дождитесь его: новое решение по {$number} ещё не принято.

problem-escalate-gratitude = Благодарность не передают на уровень выше: решение по ней не принимают.
    .hint = Подайте жалобу: appeal create --kind complaint.
problem-repeat-gratitude = Благодарность не подают повторно: решение по ней не принимают.
    .hint = Подайте новое обращение: appeal create.
problem-escalate-too-early = Основание «{$grounds}» пока не действует: ответ ожидается {$possible}.
    .hint = По основанию «overdue» эскалация возможна после {$possible}. Сейчас действуют: {$holding}.
problem-escalate-too-early-never = Основание «{$grounds}» не действует.
    .hint = Сейчас действуют: {$holding}.
problem-escalate-waits = Ведомство ждёт вашего уточнения, и срок не идёт: основание «{$grounds}» не действует.
    .hint = Сначала ответьте. Сейчас действуют: {$holding}.
problem-escalate-decided = Ответ дан в срок: основание «{$grounds}» не действует.
    .hint = Сейчас действуют: {$holding}.
problem-escalation-pending = Эскалация рассматривается до {$possible}.
    .hint = Следующий уровень откроется с её результатом или после {$possible}.

problem-rate-once = Это решение уже оценено.
    .hint = Оценить можно новое решение. Остальное можно добавить в комментарии: appeal comment {$number}
problem-revise-none = Решение по {$number} никто не оценивал.
    .hint = Список отзывов: appeal supervisor reviews
problem-revise-completed = Пересмотр по {$number} завершён.
    .hint = Что изменено: appeal show {$number}
