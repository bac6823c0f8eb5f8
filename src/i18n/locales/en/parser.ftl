# Errors of the argument parser, in the words of clap.

parser-extra-value = unexpected value '{ $value }' for '{ $argument }' found; no more were expected
parser-no-value = a value is required for '{ $argument }' but none was supplied
parser-value = invalid value '{ $value }' for '{ $argument }'
parser-value-reason = invalid value '{ $value }' for '{ $argument }': { $reason }
parser-values = possible values: { $values }
parser-argument = unexpected argument '{ $argument }' found
parser-command = unrecognized subcommand '{ $command }'
parser-repeated = the argument '{ $argument }' cannot be used multiple times
parser-conflict = the argument '{ $argument }' cannot be used with '{ $other }'
parser-conflict-several = the argument '{ $argument }' cannot be used with:
parser-conflict-some = the argument '{ $argument }' cannot be used with one or more of the other specified arguments
parser-missing = the following required arguments were not provided:
parser-utf8 = invalid UTF-8 was detected in one or more arguments
parser-other = the command line cannot be parsed
parser-tip = tip
parser-similar-argument = a similar argument exists: { $names }
parser-similar-command = { $count ->
        [one] a similar subcommand exists: { $names }
       *[other] some similar subcommands exist: { $names }
    }
parser-similar-value = a similar value exists: { $names }
parser-as-value = to pass '{ $given }' as a value, use '{ $line }'
parser-elsewhere = '{ $line }' exists
parser-no-dashes = subcommand '{ $command }' exists; to use it, remove the '{ $dashes }' before it
parser-more = For more information, try '{ $flag }'.
parser-quoted = '{ $name }'
