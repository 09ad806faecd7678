"""`python -m unslouch`: the same as the command."""

from unslouch.cli.main import entry

entry()
