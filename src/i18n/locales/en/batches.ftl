# Batches beyond the basics.
problem-lines-expected = The body of the request is not JSON Lines
    .hint = Send it as “Content-Type: application/jsonl”.
problem-too-many-lines = The request has more than { $limit } lines
    .hint = Send them in several requests.
batch-index = The index of the batch cannot be kept in the folder for temporary files: { $error }
batch-template-broken = The template { $place } cannot be used: { $error }
finding-batch-template-value = { $error }
    .remedy = Give the row this value, or change the template.
batch-retry-input = The journal { $path } says that its records came from { $input }, which cannot be read again
batch-retry-input-hint = Run “appeal batch submit FILE --journal { $path }” with the file.
batch-retry-none = Nothing to file again: no row failed
batch-status-counts = { $counts }; journal { $path }
batch-no-journal = There is no journal { $path }
batch-rate = { $rate } rows/s
batch-retry-elsewhere = The journal { $path } is of another platform: { $place }
batch-retry-elsewhere-hint = Choose that one with --server
batch-similar = row { $row }: { $number } says much the same (similarity { $score })
