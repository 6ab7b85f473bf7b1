"""Files on disk: which ones a path names, what form each is in, and which content they hold.

The form is told by the content, never by the suffix: a Parquet file called ``bill.csv`` is read as Parquet.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, cast

from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

Form = Literal["parquet", "csv", "jsonl", "json_array"]

DATA_SUFFIXES: Final = frozenset({".parquet", ".pq", ".csv", ".tsv", ".json", ".jsonl", ".ndjson"})
"""What a folder is searched for; a file named on its own may be called anything."""

HEAD_BYTES: Final = 1 << 16
BLOCK_BYTES: Final = 1 << 20
PARQUET_MAGIC: Final = b"PAR1"
GZIP_MAGIC: Final = b"\x1f\x8b"

FOREIGN_FORMS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)
WHAT_TO_GIVE: Final = (
    "export the billing data as Parquet, CSV or JSON lines (each may be gzipped), from BigQuery's billing export"
    " or in FOCUS form"
)


@dataclass(frozen=True)
class SourceFile:
    """A file that is there, its form and whether gzip wraps it."""

    path: Path
    form: Form
    is_gzipped: bool
    byte_count: int

    def open(self) -> BinaryIO:
        """Open the content, unzipped."""
        return open_content(self.path, is_gzipped=self.is_gzipped)

    @property
    def duckdb_compression(self) -> str:
        """How DuckDB's text readers name the wrapping."""
        return "gzip" if self.is_gzipped else "none"


def open_content(path: Path, *, is_gzipped: bool) -> BinaryIO:
    """Open a file for reading bytes, through gzip where it is gzipped."""
    return cast("BinaryIO", gzip.open(path, "rb")) if is_gzipped else path.open("rb")


def expand(given: Iterable[str | Path]) -> list[Path]:
    """List the files that paths name: a file itself, a folder's data files (searched deeply), a glob's matches.

    Sorted, each file once however often it is named. Hidden files and files without a data suffix are left out of
    folders only.

    Raises:
        SourceRefused: A path names nothing, or a folder holds no data file.
    """
    found = {path.resolve(): path for one in given for path in _files_of(Path(one).expanduser())}
    return sorted(found.values(), key=str)


def _files_of(path: Path) -> list[Path]:
    if path.is_dir():
        inside = [p for p in path.rglob("*") if p.is_file() and _is_data_file(p.relative_to(path))]
        if not inside:
            raise SourceRefused(f"{path} holds no Parquet, CSV or JSON file; {WHAT_TO_GIVE}.")
        return inside
    if path.exists():
        return [path]
    matches = [Path(match) for match in glob.glob(str(path), recursive=True)]  # noqa: PTH207 - absolute patterns
    files = [match for match in matches if match.is_file()]
    if not files:
        raise SourceRefused(f"{path} names no file; check the path or the pattern.")
    return files


def _is_data_file(relative: Path) -> bool:
    if any(part.startswith((".", "_")) for part in relative.parts):
        return False
    name = relative.with_suffix("") if relative.suffix.lower() == ".gz" else relative
    return name.suffix.lower() in DATA_SUFFIXES


def probe(path: Path) -> SourceFile:
    """Tell the form of one file from its first bytes (and a Parquet file's last ones).

    Raises:
        SourceRefused: Missing, empty, cut short, or in a form that holds no table of text or Parquet.
    """
    try:
        byte_count = path.stat().st_size
        with path.open("rb") as file:
            is_gzipped = file.read(2) == GZIP_MAGIC
        head = _head(path, is_gzipped=is_gzipped)
    except OSError as error:
        raise SourceRefused(f"{path} cannot be opened: {error.strerror or error}.") from error
    if not head.strip():
        raise SourceRefused(f"{path} is empty; export the billing data again.")
    return SourceFile(path, _form_of(path, head, is_gzipped=is_gzipped), is_gzipped, byte_count)


def _head(path: Path, *, is_gzipped: bool) -> bytes:
    try:
        with open_content(path, is_gzipped=is_gzipped) as file:
            return file.read(HEAD_BYTES)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _cut_short(path) from error


def _form_of(path: Path, head: bytes, *, is_gzipped: bool) -> Form:
    if head.startswith(PARQUET_MAGIC):
        _require_whole_parquet(path, is_gzipped=is_gzipped)
        return "parquet"
    foreign = next((name for magic, name in FOREIGN_FORMS if head.startswith(magic)), None)
    if foreign or b"\0" in head:
        raise SourceRefused(f"{path} is {foreign or 'a binary file of no known kind'}; {WHAT_TO_GIVE}.")
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return "jsonl" if first == b"{" else "json_array" if first == b"[" else "csv"


def _require_whole_parquet(path: Path, *, is_gzipped: bool) -> None:
    if is_gzipped:
        raise SourceRefused(f"{path} is a gzipped Parquet file; unzip it first (Parquet is compressed inside).")
    with path.open("rb") as file:
        file.seek(-min(4, path.stat().st_size), 2)
        if file.read(4) != PARQUET_MAGIC:
            raise SourceRefused(f"{path} is a Parquet file that is cut short; copy or export it again.")


def _cut_short(path: Path) -> SourceRefused:
    return SourceRefused(f"{path} is a gzip file that is cut short or damaged; copy or export it again.")


def identity(file: SourceFile) -> str:
    """Hash the content, so that the same bill counts once: blake2b-256 of the unzipped bytes, in hex.

    ``june.csv`` and ``june.csv.gz`` are one. Memory is one block.

    Raises:
        SourceRefused: The gzip stream is cut short or damaged.
    """
    digest = hashlib.blake2b(digest_size=32)
    try:
        with file.open() as content:
            while block := content.read(BLOCK_BYTES):
                digest.update(block)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _cut_short(file.path) from error
    except OSError as error:
        raise SourceRefused(f"{file.path} cannot be read: {error.strerror or error}.") from error
    return digest.hexdigest()
