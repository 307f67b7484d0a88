"""``python -m crowdcore`` is the command line."""

from crowdcore.app.cli import main

main()
