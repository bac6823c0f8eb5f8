# Сроки.

event-deadline-moved = изменён производственный календарь: сроки пересчитаны
action-deadline-moved = сроки пересчитаны
