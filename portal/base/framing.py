"""Which sites may show a page of ours in a frame of their own: those we name, and no other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.utils.encoding import punycode
from django.utils.html import format_html

from portal.base.middleware import PUBLIC_POLICY

if TYPE_CHECKING:
    from collections.abc import Iterable

# What stands in a policy is a name and nothing else: a `;` or a space in a website would begin another rule.
HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LONGEST_HOST = 253


def origins(website: str) -> list[str]:
    """The origin of a website, with and without www; none where the address is not one of the web."""
    try:
        parts = urlsplit(website)
        host, port = punycode(parts.hostname or ""), parts.port
    except ValueError:
        return []
    if parts.scheme not in {"http", "https"} or len(host) > LONGEST_HOST or not HOST.fullmatch(host):
        return []
    end = f":{port}" if port else ""
    return [f"{parts.scheme}://{name}{end}" for name in (host, *twins(host))]


def twins(host: str) -> list[str]:
    if host.replace(".", "").isdigit():  # an IP address
        return []
    return [host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"]


def policy_for_frames_on(websites: Iterable[str]) -> str:
    """As strict as any page's, but that these websites may frame it."""
    allowed = sorted({origin for website in websites for origin in origins(website)})
    return PUBLIC_POLICY.replace("frame-ancestors 'self'", " ".join(["frame-ancestors 'self'", *allowed]))


def frame_code(address: str, title: str) -> str:
    """What an editor copies into a page of his own site."""
    return format_html(
        '<iframe src="{}" title="{}" width="100%" height="600" loading="lazy" style="border: 0"></iframe>',
        address,
        title,
    )
