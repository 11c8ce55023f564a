"""Data for search engines within a page (schema.org as JSON-LD), written so that nothing can break out of it.

A script of this type is a data block: browsers never run it, so the policy that forbids scripts has no part in it.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

# In HTML the first three could end the block or begin a comment; the last two are line breaks to old JavaScript.
ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def data_block(data: dict[str, Any] | None) -> SafeString:
    """Give the element that carries these data; nothing where there are none."""
    if data is None:
        return SafeString("")
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  (no < is left in it)


def known(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not known; schema.org has no word for it."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
