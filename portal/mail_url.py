"""How mail leaves, read from EMAIL_URL and INVITATION_EMAIL_URL."""

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


# What of a URL's query the client of Amazon SES takes; without it boto3 finds keys and region by itself.
SES_CLIENT = ("region_name", "aws_access_key_id", "aws_secret_access_key", "endpoint_url")
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def mail_from_url(url: str, variable: str = "EMAIL_URL") -> tuple[dict[str, Any], dict[str, str]]:
    """Return Django's EMAIL_ settings and Anymail's settings for `url`.

    smtp://, smtps://, submission://, console:, file:// and memory: are Django's own; anymail+NAME:?KEY=VALUE is
    a service that Anymail knows, with its settings as in Anymail's documentation, for example
    anymail+postmark:?POSTMARK_SERVER_TOKEN=secret. Raises ValueError for what is neither.
    """
    parts = urlsplit(url)
    if not parts.scheme.startswith("anymail+"):
        found = dj_email_url.parse(url)
        if "EMAIL_BACKEND" not in found:
            message = f"{variable}: there is no {parts.scheme or url!r}; see the README for what there is"
            raise ValueError(message)
        return found, {}
    name = parts.scheme.removeprefix("anymail+")
    if name not in ANYMAIL:
        message = f"{variable}: Anymail knows no {name!r}; it knows {', '.join(ANYMAIL)}"
        raise ValueError(message)
    backend = f"anymail.backends.{ANYMAIL[name]}.EmailBackend"
    return {"EMAIL_BACKEND": backend}, dict(parse_qsl(parts.query))


def ses_client(given: dict[str, str], limits: dict[str, Any]) -> dict[str, Any]:
    """Boto3's parameters for a client of Amazon SES, as the URL gives them in capitals."""
    named = {name: given[name.upper()] for name in SES_CLIENT if name.upper() in given}
    return {**named, "config": limits}


def connection_from_url(url: str, *, timeout: int, ses_limits: dict[str, Any]) -> dict[str, Any]:
    """Return what Django's get_connection wants for a second server beside that of EMAIL_URL; nothing for no URL.

    All that it may need is there, so that nothing is taken from the settings of the first.
    """
    if not url:
        return {}
    mail, service = mail_from_url(url, "INVITATION_EMAIL_URL")
    backend = mail["EMAIL_BACKEND"]
    if backend == SMTP:
        return {
            "backend": backend,
            "host": mail["EMAIL_HOST"] or "localhost",
            "port": mail["EMAIL_PORT"] or 25,
            "username": mail["EMAIL_HOST_USER"] or "",
            "password": mail["EMAIL_HOST_PASSWORD"] or "",
            "use_tls": bool(mail["EMAIL_USE_TLS"]),
            "use_ssl": bool(mail["EMAIL_USE_SSL"]),
            "timeout": timeout,
        }
    if backend == f"anymail.backends.{ANYMAIL['amazon-ses']}.EmailBackend":
        # Anymail takes each of its settings as an argument too, without the name of the service.
        own = {name.removeprefix("AMAZON_SES_").lower(): value for name, value in service.items()}
        own = {name: value for name, value in own.items() if name not in SES_CLIENT}
        return {"backend": backend, **own, "client_params": ses_client(service, ses_limits)}
    return {"backend": backend}
