"""Every command that README, docs and help quote is one that the terminal understands."""

import re
import shlex
from contextlib import suppress
from pathlib import Path

import click
import pytest

from cli import cli

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"(?:^|\s)cli\.py\s+(\w.*)")
TARGET = re.compile(r"\bmake ([a-z]+)\b")


def blocks(text):
    """Whole commands, as people copy them; a line that ends with a backslash goes on."""
    for block in BLOCK.findall(text):
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            yield from COMMAND.findall(line)


def mentions(text):
    """Commands named within a sentence, which may leave out what has to be given."""
    for inline in INLINE.findall(BLOCK.sub("", text)):
        yield from COMMAND.findall(inline)


def understood(words):
    name, *arguments = words
    command = cli.get_command(None, name)
    assert command is not None, f"there is no command {name}"
    return command.make_context(name, arguments)


QUOTED = [(page, found) for page in PAGES for found in blocks(page.read_text())]
MENTIONED = [(page, found) for page in PAGES for found in mentions(page.read_text())]
EXAMPLES = [(name, command.epilog.partition("cli.py ")[2]) for name, command in cli.commands.items()]


def place(value):
    return value.relative_to(ROOT).as_posix() if isinstance(value, Path) else value


@pytest.mark.parametrize(("page", "text"), QUOTED, ids=place)
def test_a_quoted_command_is_understood(page, text):
    understood(shlex.split(text, comments=True))


@pytest.mark.parametrize(("page", "text"), MENTIONED, ids=place)
def test_a_command_within_a_sentence_is_understood(page, text):
    with suppress(click.MissingParameter):
        understood(shlex.split(text))


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_the_example_of_a_command_is_one_of_its_own(name, text):
    words = shlex.split(text)
    assert words[0] == name
    understood(words)


def test_the_pages_quote_commands_at_all():
    assert len(QUOTED) > 10
    assert len(MENTIONED) > 5


def test_an_unknown_option_is_found():
    with pytest.raises(click.NoSuchOption):
        understood(["simulate", "--sett", "a=1"])


def test_targets_of_make_that_pages_name_exist():
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for code in [*BLOCK.findall(page.read_text()), *INLINE.findall(page.read_text())]
        for target in TARGET.findall(code)
    }
    assert named
    assert named <= known
