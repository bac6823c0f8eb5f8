# Сроки.

event-deadline-moved = изменён производственный календарь: сроки пересчитаны
action-deadline-moved = сроки пересчитаны

journal-field-deadlines-first-status-due-at = Срок первого статуса
journal-field-deadlines-registration-due-at = Срок регистрации
journal-field-deadlines-decision-due-at = Срок решения
journal-field-deadlines-redirection-due-at = Срок перенаправления
journal-field-deadlines-clarification-due-at = Срок ответа на запрос уточнения
journal-field-deadlines-escalation-due-at = Срок решения по эскалации
journal-field-deadlines-confirmation-due-at = Срок подтверждения

column-term = Срок
column-due = Исполнить до
column-left = Осталось
column-left-minutes = Осталось минут
column-left-working-minutes = Осталось рабочих минут
column-started-at = Начало
column-met-at = Исполнено
column-paused-at = Приостановлено с
column-zone = Часовой пояс
column-provisional = Предварительно
column-pauses = Паузы
column-extended-from = Прежний срок
column-reason = Причина
column-steps-text = Расчёт
column-from = С
column-to = По
column-n = День
column-minutes = Минуты
column-days = Дни

deadline-weekday-1 = пн
deadline-weekday-2 = вт
deadline-weekday-3 = ср
deadline-weekday-4 = чт
deadline-weekday-5 = пт
deadline-weekday-6 = сб
deadline-weekday-7 = вс
deadline-month-1 = января
deadline-month-2 = февраля
deadline-month-3 = марта
deadline-month-4 = апреля
deadline-month-5 = мая
deadline-month-6 = июня
deadline-month-7 = июля
deadline-month-8 = августа
deadline-month-9 = сентября
deadline-month-10 = октября
deadline-month-11 = ноября
deadline-month-12 = декабря
deadline-date = { $weekday } { $day } { $month } { $year }
deadline-dates = { $from } – { $to }
deadline-free-weekend = выходные
deadline-free-holiday = праздник
deadline-free-moved = перенесённый выходной

deadline-count-wh = { $n ->
    [one] { $n } рабочий час
    [few] { $n } рабочих часа
   *[many] { $n } рабочих часов
}
deadline-count-wm = { $n ->
    [one] { $n } рабочая минута
    [few] { $n } рабочие минуты
   *[many] { $n } рабочих минут
}
deadline-count-wd = { $n ->
    [one] { $n } рабочий день
    [few] { $n } рабочих дня
   *[many] { $n } рабочих дней
}
deadline-count-d = { $n ->
    [one] { $n } календарный день
    [few] { $n } календарных дня
   *[many] { $n } календарных дней
}
deadline-count-h = { $n ->
    [one] { $n } час
    [few] { $n } часа
   *[many] { $n } часов
}
deadline-count-m = { $n ->
    [one] { $n } минута
    [few] { $n } минуты
   *[many] { $n } минут
}
deadline-span-minutes = { $minutes } мин
deadline-span-hours = { $hours } ч
deadline-span-both = { $hours } ч { $minutes } мин
deadline-span-days = { $days } сут { $hours } ч
deadline-late = опоздание { $span }
deadline-left-working = { $span } рабочего времени

deadline-step-filed = подано { $at }, { $zone }; отсчитывается: { $term }
deadline-step-start = начало { $at }, { $zone }; отсчитывается: { $term }
deadline-step-day-zero = { $day }: нулевой день, не считается
deadline-step-free = { $days }: не работают ({ $why })
deadline-step-worked = { $day } { $from }–{ $to }: засчитано { $counted }, осталось { $left }
deadline-step-worked-last = { $day } { $from }–{ $to }: засчитано { $counted }, осталось 0
deadline-step-day = { $day }: рабочий день № { $n }
deadline-step-day-moved = { $day }: рабочий день № { $n } (рабочий выходной)
deadline-step-days = { $days }: { $n ->
    [one] { $n } календарный день
    [few] { $n } календарных дня
   *[many] { $n } календарных дней
}
deadline-step-clock = круглосуточно: { $span }
deadline-step-waited = с { $from } по { $to } ожидался ответ заявителя: не считается { $span }
deadline-step-waited-days = { $days }: ожидался ответ заявителя, не считается
deadline-step-paused = с { $from } ожидается ответ заявителя: отсчёт приостановлен, после ответа срок сдвинется на это время
deadline-step-set = назначено { $on } вместо срока по правилам: { $at }
deadline-step-extended = продлено { $on }: с { $before } на { $at }; причина: { $reason }
deadline-step-moved = { $day } – нерабочий день ({ $why }): срок переносится на следующий рабочий день, { $next }
deadline-step-short = { $day } – предпраздничный день: работают до { $at }
deadline-step-end = срок – { $at }, { $zone }
deadline-step-kept = остаётся срок { $kept }: исполнено до изменения производственного календаря, по которому сегодня вышло бы { $now }
deadline-step-provisional = предварительно: переносы выходных на { $year } год ещё не утверждены Правительством, дата может измениться
deadline-step-met = исполнено { $at }, в срок
deadline-step-met-late = исполнено { $at }, с опозданием
