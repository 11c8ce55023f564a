"""Mails that tell the owner of an account what happened to the second factor, whoever did it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.base import when
from portal.base.accounts import language_of
from portal.base.letters import Letter, Way, written
from portal.base.outbox import queue_mail, renders

if TYPE_CHECKING:
    from django.core.mail import EmailMessage

    from portal.base.models import OutgoingMail

HOME = ZoneInfo("Europe/Paris")  # nobody has told us where the person is
SET_UP, REMOVED, RESET = (f"portal.second_factor.{act}" for act in ("set_up", "removed", "reset"))
NEW_CODES = "portal.second_factor.new_codes"


def tell(user: Any, act: str) -> None:
    """Put the mail into the outbox; call it inside the transaction of the act."""
    if user.email:
        queue_mail(
            key=f"second_factor:{uuid.uuid4()}",
            kind="second_factor",
            to=user.email,
            language=language_of(user),
            params={"user": user.pk, "act": act, "at": timezone.now().isoformat()},
        )


def said(act: str) -> tuple[str, str]:
    """Subject, and what it means for signing in."""
    return {
        SET_UP: (
            _("A second factor was set up for your account"),
            _("From now on, the portal asks for a code from an app besides your password."),
        ),
        REMOVED: (
            _("The second factor of your account was removed"),
            _("The password alone lets you in again."),
        ),
        RESET: (
            _("The second factor of your account was taken back"),
            _("The former app and the recovery codes are no longer accepted. A new app can be set up."),
        ),
        NEW_CODES: (
            _("New recovery codes were made for your account"),
            _("The former recovery codes are no longer accepted."),
        ),
    }[act]


@renders("second_factor")
def second_factor(mail: OutgoingMail) -> EmailMessage | None:
    """To the address of that time, also where somebody has changed it since."""
    user = get_user_model().objects.filter(pk=mail.params["user"], is_active=True).first()
    if user is None:
        return None
    subject, meaning = said(mail.params["act"])
    at = dt.datetime.fromisoformat(mail.params["at"]).astimezone(HOME)
    letter = Letter(
        subject=subject,
        greeting=_("Good day,"),
        paragraphs=[
            _("This happened on %(day)s at %(time)s to the account “%(name)s”.")
            % {
                "day": when.long_day(at.date()),
                "time": f"{when.clock(at)} ({when.offset(at)})",
                "name": user.get_username(),
            },
            meaning,
            _("If it was you, or you asked for it, there is nothing to do."),
            _("If not, choose another password at once, and tell the coordinator of the network."),
        ],
        button=Way(_("Choose a password"), settings.SITE_URL + reverse("wagtailadmin_password_reset")),
    )
    return written(letter, mail.to)
