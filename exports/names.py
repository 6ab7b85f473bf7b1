"""Names for files and for Terraform's own addresses, from names of resources that may hold anything."""

from __future__ import annotations

import hashlib
import re


def slug(text: str, separator: str = "-", length: int = 40) -> str:
    """A short safe name: lower-case letters, digits and the separator; two different texts never share one.

    A text that is not such a name already carries six hex digits of its SHA-256.

    >>> slug("api"), slug("main-db", "_")
    ('api', 'main_db_3af376')
    >>> slug("../x")
    'x-e6fa0f'
    """
    clean = re.sub(r"[^a-z0-9]+", separator, text.lower()).strip(separator)[:length].strip(separator) or "x"
    if not clean[0].isalpha():
        clean = f"r{separator}{clean}"
    if clean == text:
        return clean
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{clean}{separator}{digest}"
