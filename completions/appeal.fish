complete --keep-order --exclusive --command appeal --arguments "(APPEAL_COMPLETE=fish appeal -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
