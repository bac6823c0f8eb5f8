# What the client says when the platform cannot be reached, or files go wrong on the way.
error-unreachable = { $place } could not be reached: { $last } ({ $attempts ->
    [one] { $attempts } attempt
   *[other] { $attempts } attempts
})
error-unreachable-hint = Check the address and the connection.
error-platform-failing-hint = The platform is failing or busy; the request is fine. Try again later.
error-protocol = Unexpected answer: { $what }
error-protocol-hint = Check that the URL is that of an appeals platform, and that its version is close to the version of this program.
error-files = { $count ->
    [one] { $count } file failed its checks; nothing was sent
   *[other] { $count } files failed their checks; nothing was sent
}
error-files-hint = Replace or leave out the files named above.
error-file = { $path }: { $kind ->
    [not-found] no such file or folder
    [denied] access is denied
    [full] the disk is full
    [read-only] the file system is read-only
    [directory] it is a folder
    [not-directory] part of the path is not a folder
    [exists] it already exists
   *[other] { $why }
}
error-file-hint = Check that the path is right, that you may read or write there, and that the disk is not full.
error-file-changed = { $path } changed after it was checked, so it was not sent
error-file-changed-hint = Wait until the file is complete.
error-digest = { $name } was damaged in transfer: its SHA-256 is { $actual }, expected { $expected }
error-digest-hint = Nothing was saved. Download it again; if it happens again, tell the platform's administrator.
server-url-scheme = { $value } is not the URL of a platform
server-url-scheme-hint = Give an https:// or http:// URL with a host, such as https://appeals.example, or the word local.
server-url-credentials = The URL of the server must not contain a name or a password
server-url-credentials-hint = Remove them, and sign in with appeal login, APPEAL_TOKEN or --token-file.
server-url-query = { $value } has a query or a fragment; the URL of a platform has neither
server-url-query-hint = Remove everything from ? or # on.
server-tls = Encrypted connections cannot be set up: { $value }
server-tls-hint = Install the root certificates of your system (the package ca-certificates), or name a file of them in SSL_CERT_FILE.
