"""How mail leaves, read from EMAIL_URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import dj_email_url

ANYMAIL = {  # scheme: module of the backend
    "amazon-ses": "amazon_ses",
    "brevo": "brevo",
    "mailersend": "mailersend",
    "mailgun": "mailgun",
    "mailjet": "mailjet",
    "mailtrap": "mailtrap",
    "mandrill": "mandrill",
    "postal": "postal",
    "postmark": "postmark",
    "resend": "resend",
    "scaleway": "scaleway",
    "sparkpost": "sparkpost",
    "unisender-go": "unisender_go",
}


def mail_from_url(url: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return Django's EMAIL_ settings and Anymail's settings for `url`.

    smtp://, smtps://, submission://, console:, file:// and memory: are Django's own; anymail+NAME:?KEY=VALUE is
    a service that Anymail knows, with its settings as in Anymail's documentation, for example
    anymail+postmark:?POSTMARK_SERVER_TOKEN=secret. Raises ValueError for a service that it does not know.
    """
    parts = urlsplit(url)
    if not parts.scheme.startswith("anymail+"):
        return dj_email_url.parse(url), {}
    name = parts.scheme.removeprefix("anymail+")
    if name not in ANYMAIL:
        message = f"EMAIL_URL: Anymail knows no {name!r}; it knows {', '.join(ANYMAIL)}"
        raise ValueError(message)
    backend = f"anymail.backends.{ANYMAIL[name]}.EmailBackend"
    return {"EMAIL_BACKEND": backend}, dict(parse_qsl(parts.query))
