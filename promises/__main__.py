"""``python -m promises`` is the same as ``promises``."""

from promises.commands import main

main()
