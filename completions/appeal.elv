set edit:completion:arg-completer[appeal] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) APPEAL_COMPLETE="elvish" appeal -- $@words) | to-lines
}
