"""The command line: the same jobs as the app, for pipelines. ``cli.py COMMAND --help`` has an example for each.

The commands stand in ``pages/commands/``; importing a file of them adds its commands to ``cli``.
"""

from pages.commands import bill, governance, handover, plan, watching
from pages.commands.shared import cli

__all__ = ["bill", "cli", "governance", "handover", "plan", "watching"]

if __name__ == "__main__":
    cli()
