"""`python -m crawler` is `raisewire`."""

from crawler.cli import main

main()
