# Findings about attachments. The file itself is named beside the message.

finding-file-missing = There is no such file.
    .remedy = Check the path. A path in a batch file counts from that file's folder.
finding-file-is-directory = This is a folder, not a file.
    .remedy = Name the files in it one by one.
finding-file-not-regular = { $what ->
        [fifo] This is a pipe, not a file.
        [socket] This is a socket, not a file.
        [device] This is a device, not a file.
       *[other] This is not a regular file.
    }
    .remedy = Save the content to a regular file and attach that.
finding-file-unreadable = { $reason ->
        [permission] You have no permission to read this file.
       *[other] The file cannot be read: { $error }
    }
    .remedy = { $reason ->
        [permission] Give yourself the right to read it, or attach a copy.
       *[other] Copy the file to another place and attach the copy.
    }
finding-file-empty = The file is empty.
    .remedy = Save the document again, or leave the file out.
finding-file-too-large = The file has { $size } bytes ({ $size_mb } MB); at most { $limit } ({ $limit_mb } MB) are accepted.
    .remedy = Make the picture smaller, scan with a lower resolution, or split the document.
finding-file-extension = { $has_extension ->
        [no] The name has no extension; accepted are: { $allowed }.
       *[yes] Files of type “.{ $extension }” are not accepted; accepted are: { $allowed }.
    }
    .remedy = Save the document in one of these formats; renaming it is not enough.
finding-file-content-mismatch = The name says “.{ $extension }”, but this is { $actual }.
    .remedy = Attach the document itself, saved in the format its name says.
finding-file-truncated = The file is cut short: { $what }.
    .remedy = Download, copy or scan it again: its end is missing.
finding-file-damaged = The file is damaged: { $what }.
    .remedy = Open it in the program it was made with and save it again.
finding-file-protected = { $what ->
        [certificate] The document is encrypted for the holders of certain certificates, and nobody else can open it.
       *[password] The document opens only with a password.
    }
    .remedy = Open it in the program it was made with, remove the protection, and attach that copy.
finding-file-lock = This is the lock file that an office program keeps while a document is open.
    .remedy = Attach the document itself: its name does not begin with “~$”.
finding-file-unusual = The file is accepted, but { $what }.
    .remedy = Open the file to see that it is right. If other data should not be sent with it, save it again.
finding-file-name-invalid = { $reason ->
        [empty] The file has no name.
        [separator] The name contains a slash or a backslash.
        [encoding] The name contains bytes that are not UTF-8 text.
        [control] The name contains control characters.
        [invisible] The name contains invisible characters that change what is seen.
        [dots] The name begins or ends with a dot.
        [spaces] The name begins or ends with a space.
        [reserved] The name is reserved for a device on Windows.
       *[other] The name cannot be used.
    }
    .remedy = Rename the file. Letters of any alphabet, digits, spaces and hyphens are fine.
finding-file-name-too-long = The name is { $bytes } bytes long; at most { $limit } are accepted (a Cyrillic letter takes two).
    .remedy = Give the file a shorter name.
finding-files-too-many = There are { $count } files; at most { $limit } are accepted.
    .remedy = Put several pages into one PDF, or leave out what is not needed.
finding-files-total-too-large = All files together have { $total } bytes ({ $total_mb } MB); at most { $limit } ({ $limit_mb } MB) are accepted.
    .remedy = Make the files smaller, or leave out what is not needed.
finding-file-twice = The same content is attached twice; the first time as { $first }.
    .remedy = Leave one out, unless both are meant.
