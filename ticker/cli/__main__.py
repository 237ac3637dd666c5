"""`python -m ticker.cli`."""

from ticker.cli import main

main()
