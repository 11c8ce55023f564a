"""Under which licence the public data are, read from DATA_LICENCE: the network decides, so nothing is made up."""

from __future__ import annotations

from urllib.parse import urlsplit


def licence_from_text(text: str) -> dict[str, str] | None:
    """Read the name of a licence and, after the last space, its address; None where nobody has decided yet."""
    if not text.strip():
        return None
    name, _, url = text.strip().rpartition(" ")
    if not name or urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise ValueError(
            "DATA_LICENCE is a name and an address: CC BY 4.0 https://creativecommons.org/licenses/by/4.0/"
        )
    return {"name": name.strip(), "url": url}
