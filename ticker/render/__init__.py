"""Pure: a snapshot as words, numbers, small pictures and HTML, in a language."""
