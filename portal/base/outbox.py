"""Mails leave through the outbox: a row with the cause, then a task that renders and sends it.

At least once: a worker that dies between sending and noting it leaves a row that is tried again, with the same
Message-ID, so that clients may fold the two.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from smtplib import SMTPRecipientsRefused
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django_tasks import task

from portal.base.models import OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.mail import EmailMessage

    Renderer = Callable[[OutgoingMail], EmailMessage | None]

CLAIM = dt.timedelta(minutes=5)  # longer than any sending takes: EMAIL_TIMEOUT is 10 seconds
MAX_ATTEMPTS = 15  # with the pauses below about two days
PERMANENT = 500  # from here on SMTP's replies mean never, below it later (RFC 5321 section 4.2.1)

renderers: dict[str, Renderer] = {}
logger = logging.getLogger(__name__)


def renders(kind: str) -> Callable[[Renderer], Renderer]:
    """Register the function that turns an outbox row of this kind into a message.

    It returns None if there is nothing to say any more (the registration is gone, say).
    """

    def register(renderer: Renderer) -> Renderer:
        renderers[kind] = renderer
        return renderer

    return register


def queue_mail(*, key: str, kind: str, to: str, language: str, params: dict[str, Any]) -> OutgoingMail:
    """Put a mail into the outbox, once per key; call it inside the transaction of its cause."""
    mail, created = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "to": to,
            "language": language,
            "params": params,
            "next_try_at": timezone.now(),
        },
    )
    if created:
        transaction.on_commit(lambda: deliver_later(mail.pk))
    return mail


def deliver_later(mail_id: int) -> None:
    deliver_task.enqueue(mail_id)


@task(backend="mail", queue_name="mail")
def deliver_task(mail_id: int) -> str:
    return deliver(mail_id)


def claim(mail_id: int) -> OutgoingMail | None:
    """Take one mail in hand, for a few minutes; None if it is not due or somebody else has it."""
    now = timezone.now()
    with transaction.atomic():
        mail = OutgoingMail.objects.select_for_update().due(now).filter(pk=mail_id).first()
        if mail is not None:
            mail.claimed_until = now + CLAIM
            mail.attempts += 1
            mail.save(update_fields=["claimed_until", "attempts"])
    return mail


def deliver(mail_id: int) -> str:
    """Render and send one mail; no database lock is held while the mail server is asked."""
    mail = claim(mail_id)
    if mail is None:
        return "nothing to do"
    try:
        with translation.override(mail.language):
            message = renderers[mail.kind](mail)
        if message is not None:
            message.extra_headers.setdefault("Message-ID", message_id(mail))
            message.extra_headers.setdefault("Auto-Submitted", "auto-generated")
            message.send()
            status = getattr(message, "anymail_status", None)
            mail.message_id = getattr(status, "message_id", None) or message.extra_headers["Message-ID"]
    except Exception as error:
        if not isinstance(error, (OSError, AnymailError)):  # smtplib.SMTPException is an OSError
            logger.exception("mail %s (%s) cannot be made", mail.pk, mail.kind)
        return note_failure(mail, error, final=is_refused(error) or mail.attempts >= MAX_ATTEMPTS)
    mail.sent_at, mail.claimed_until, mail.last_error = timezone.now(), None, ""
    mail.save(update_fields=["sent_at", "claimed_until", "last_error", "message_id"])
    return "sent"


def is_refused(error: Exception) -> bool:
    """Whether no later try will do better; a server that greylists refuses for some minutes only."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _reply in error.recipients.values())
    return isinstance(error, AnymailRecipientsRefused)


def note_failure(mail: OutgoingMail, error: Exception, *, final: bool) -> str:
    now = timezone.now()
    mail.last_error = f"{type(error).__name__}: {error}"[:500]
    mail.claimed_until = None
    mail.gave_up_at = now if final else None
    mail.next_try_at = now + pause(mail.attempts)
    mail.save(update_fields=["last_error", "claimed_until", "gave_up_at", "next_try_at"])
    return mail.last_error


def pause(attempts: int) -> dt.timedelta:
    """How long to wait after so many failures: a minute, two, four… at most eight hours."""
    return min(dt.timedelta(minutes=2 ** (attempts - 1)), dt.timedelta(hours=8))


def message_id(mail: OutgoingMail) -> str:
    """The same Message-ID for each try of one mail (RFC 5322 section 3.6.4)."""
    digest = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.SITE_URL).hostname}>"


def retry_due(limit: int = 200) -> int:
    """Hand mails that are due to the workers again: those that failed, and those whose task was lost."""
    now = timezone.now()
    lost = now - dt.timedelta(minutes=2)  # a younger one has its task in the queue still
    mails = OutgoingMail.objects.due(now).exclude(attempts=0, created_at__gt=lost)[:limit]
    ids = list(mails.values_list("pk", flat=True))
    for mail_id in ids:
        deliver_later(mail_id)
    return len(ids)
