"""All-day events as an iCalendar file (RFC 5545): escaped, folded at 75 octets, the same bytes for the same events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from exports.shell import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

_OCTETS: Final = 75
_LONGEST: Final = 1500


@dataclass(frozen=True)
class Event:
    """Days from ``first`` to ``last``, both included; ``uid`` stays the same when the event changes."""

    uid: str
    first: date
    last: date
    summary: str
    description: Sequence[str] = ()
    contact: str = ""
    categories: Sequence[str] = ()
    is_busy: bool = False


def calendar(name: str, events: Iterable[Event], made_on: date) -> str:
    """The file; ``made_on`` is the day that every event carries as its stamp (midnight UTC), so no clock is read."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Cloudlever//Roadmap//EN", "CALSCALE:GREGORIAN",
             "METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}"]  # fmt: skip
    for event in events:
        lines += _event(event, made_on)
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(event: Event, made_on: date) -> list[str]:
    described = "\\n".join(escaped(line) for line in event.description if line)
    return [
        "BEGIN:VEVENT",
        f"UID:{escaped(event.uid)}",
        f"DTSTAMP:{made_on:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{event.first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.last + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(event.summary)}",
        *([f"DESCRIPTION:{described}"] if described else []),
        *([f"CONTACT:{escaped(event.contact)}"] if event.contact else []),
        *([f"CATEGORIES:{','.join(escaped(each) for each in event.categories)}"] if event.categories else []),
        f"TRANSP:{'OPAQUE' if event.is_busy else 'TRANSPARENT'}",
        "END:VEVENT",
    ]


def escaped(text: str) -> str:
    r"""Text as a value of type TEXT (§3.3.11): on one line, cut where it is very long.

    >>> escaped("a;b, c\\d\ne")
    'a\\;b\\, c\\\\d e'
    """
    return shown(text, _LONGEST).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def folded(line: str) -> str:
    r"""A content line in pieces of at most 75 octets (§3.1), no character cut in two.

    >>> folded("x" * 76) == "x" * 75 + "\r\n x"
    True
    """
    pieces, size = [""], 0
    for character in line:
        octets = len(character.encode("utf-8"))
        if size + octets > _OCTETS:
            pieces.append("")
            size = 1
        pieces[-1] += character
        size += octets
    return "\r\n ".join(pieces)
