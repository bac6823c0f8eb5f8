# Batches beyond the basics.
problem-lines-expected = The body of the request is not JSON Lines
    .hint = Send it as “Content-Type: application/jsonl”.
problem-too-many-lines = The request has more than { $limit } lines
    .hint = Send them in several requests.
batch-template-broken = The template { $place } cannot be used: { $error }
finding-batch-template-value = { $error }
    .remedy = Give the row this value, or change the template.
batch-retry-input = The journal { $path } says that its records came from { $input }, which cannot be read again
batch-retry-input-hint = Run “appeal batch submit FILE --journal { $path }” with the file.
batch-retry-none = Nothing to retry: no row failed
batch-status-counts = { $counts }; journal { $path }
batch-no-journal = There is no journal { $path }
batch-rate = { $rate } rows/s
batch-retry-elsewhere = The journal { $path } belongs to another platform: { $place }
batch-retry-elsewhere-hint = Choose that platform with --server
batch-similar = row { $row }: very similar to { $number } (similarity { $score })
batch-similar-row = row { $row }: very similar to row { $other }, { $number } (similarity { $score })
batch-similar-more = { $count ->
    [one] { $count } more row is
   *[other] { $count } more rows are
} very similar to other rows of this batch
batch-file-changed = The key { $key } belongs to { $number }, which was filed with a different { $file }
batch-file-changed-hint = Replace the file with appeal attach { $number } { $file } --replace ID, or give the record its own key
batch-row-sent-otherwise = The row was already sent with different content and filed; the answer was lost
batch-row-sent-otherwise-hint = Find it with appeal list, change it with appeal edit, or give the record its own key
finding-batch-array-comma = A comma has no record next to it
    .remedy = Remove the comma
batch-row-unknown-hint = Run the same command again: a row that was already filed is not filed twice
finding-batch-quote-stray = Cell { $column } continues after its closing quote
    .remedy = Double the quotes within the text: ""
