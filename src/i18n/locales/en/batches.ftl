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
batch-similar-row = row { $row }: it says much the same as row { $other }, { $number } (similarity { $score })
batch-similar-more = { $count ->
    [one] { $count } more row says
   *[other] { $count } more rows say
} much the same as other rows of this batch
batch-file-changed = The key { $key } is that of { $number }, which was filed with another content of { $file }
batch-file-changed-hint = Replace the file with appeal attach { $number } { $file } --replace ID, or give the record a key of its own
batch-row-sent-otherwise = The row was sent before with another content, and that was filed; its answer was lost
batch-row-sent-otherwise-hint = Find it with appeal list, change it with appeal edit, or give the record a key of its own
finding-batch-array-comma = A comma has no record on one side of it
    .remedy = Take the comma away
batch-row-unknown-hint = Run the same command again: a row that was filed already is not filed twice
finding-batch-quote-stray = Cell { $column } goes on after its closing quote
    .remedy = Double the quotes within the text: ""
