"""What is written to the log names no person and opens nothing: addresses, tokens and queries are masked.

A formatter and not a filter, because only what it returns is the whole text: message, arguments, trace.
"""

from __future__ import annotations

import logging
import re

# What follows is a token: see the addresses in events.urls.
TOKEN_PATH = re.compile(r"((?:^|/)(?:registration|delegation|invitation|my-registrations|calendar/my)/)[^\s/?#'\"<>]+")
QUERY = re.compile(r"(?<=\S)\?[^\s'\"<>]+")
# Quotes may be part of an address (o'brien@example.org), so they go with it.
ADDRESS = re.compile(r"[^\s<>(),;:=\[\]{}/]+(?:@|%40)[^\s<>(),;:=\[\]{}/]+", re.IGNORECASE)
SIGNED = re.compile(r"[\w.-]{16,}:[\w-]{5,8}:[\w-]{27,}")  # as django.core.signing writes it
TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[A-Za-z0-9_-]{32}(?![\w-])")  # as events.links does


def masked(text: str) -> str:
    """The text with … in place of e-mail addresses, tokens, and what follows the ? of a web address."""
    text = TOKEN_PATH.sub(r"\1…", text)
    for pattern in (QUERY, SIGNED, TOKEN):
        text = pattern.sub("?…" if pattern is QUERY else "…", text)
    return ADDRESS.sub("…", text)


class MaskingFormatter(logging.Formatter):
    """Mask the whole of what is written; the record itself is left as it is."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
