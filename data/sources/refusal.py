"""Why a file is not taken, as one sentence for the person who gave it."""

from __future__ import annotations


class SourceRefused(Exception):  # noqa: N818 - the caller's word for it: a source is refused, nothing went wrong in here
    """A file, folder or pattern cannot be read as a bill.

    The message is one sentence: what the thing is, and what to give instead.
    """
