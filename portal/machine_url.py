"""Who translates by machine, read from MACHINE_TRANSLATOR_URL; nobody, unless it is set."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

TRANSLATORS = "wagtail_localize.machine_translators"
TIMEOUT = 30  # seconds that an editor waits at most


def machine_translator_from_url(url: str) -> dict[str, Any] | None:
    """Return wagtail-localize's setting for `url`.

    deepl://KEY@ and libretranslate://KEY@HOST[:PORT] (libretranslate+http:// for a server without https, as beside
    the portal). Raises ValueError for anything else.
    """
    if not url:
        return None
    parts = urlsplit(url)
    key = unquote(parts.username or "")
    if parts.scheme == "deepl" and key:
        return {"CLASS": f"{TRANSLATORS}.deepl.DeepLTranslator", "OPTIONS": {"AUTH_KEY": key, "TIMEOUT": TIMEOUT}}
    name, _plus, protocol = parts.scheme.partition("+")
    if name == "libretranslate" and protocol in {"", "http"} and parts.hostname:
        address = f"{protocol or 'https'}://{parts.netloc.rpartition('@')[2]}"
        options = {"LIBRETRANSLATE_URL": address, "API_KEY": key, "TIMEOUT": TIMEOUT}
        return {"CLASS": f"{TRANSLATORS}.libretranslate.LibreTranslator", "OPTIONS": options}
    message = "MACHINE_TRANSLATOR_URL is deepl://KEY@ or libretranslate://KEY@HOST"
    raise ValueError(message)
