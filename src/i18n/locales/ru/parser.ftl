# Ошибки в командной строке.

parser-extra-value = лишнее значение «{ $value }» у параметра { $argument }
parser-no-value = не указано значение параметра { $argument }
parser-value = недопустимое значение «{ $value }» параметра { $argument }
parser-value-reason = недопустимое значение «{ $value }» параметра { $argument }: { $reason }
parser-values = допустимые значения: { $values }
parser-argument = неизвестный параметр { $argument }
parser-command = неизвестная команда { $command }
parser-repeated = параметр { $argument } указан несколько раз
parser-conflict = параметр { $argument } нельзя указать вместе с { $other }
parser-conflict-several = параметр { $argument } нельзя указать вместе с параметрами:
parser-conflict-some = параметр { $argument } нельзя указать вместе с другими указанными параметрами
parser-missing = не указаны обязательные параметры:
parser-utf8 = параметры должны быть в кодировке UTF-8
parser-other = командную строку не удалось разобрать
parser-tip = подсказка
parser-similar-argument = похожий параметр: { $names }
parser-similar-command = { $count ->
        [one] похожая команда: { $names }
       *[other] похожие команды: { $names }
    }
parser-similar-value = похожее значение: { $names }
parser-as-value = чтобы передать «{ $given }» как значение, напишите { $line }
parser-elsewhere = есть { $line }
parser-no-dashes = есть команда { $command }; чтобы вызвать её, уберите { $dashes } перед ней
parser-more = Подробнее: { $flag }
parser-quoted = { $name }
