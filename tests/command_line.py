"""The command line as tests run it: in this process, with its exit code held."""

import json

from click.testing import CliRunner

from cli import cli


def run(*arguments, code=0):
    """What a command printed; any other exit code than ``code`` fails, an exception is not hidden."""
    done = CliRunner().invoke(cli, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == code, (done.exit_code, done.output)
    return done


def document(*arguments, code=0):
    """The one JSON document on stdout."""
    found = json.loads(run(*arguments, "--json", code=code).stdout)
    assert found["version"] == 1
    return found
