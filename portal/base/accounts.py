"""Accounts and their mails: the language of each, the link to set a password, the forgotten password."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.admin.forms.auth import LoginForm, PasswordResetForm
from wagtail.users.models import UserProfile

from portal.base.letters import Letter, Way, written
from portal.base.limits import is_over, network_of
from portal.base.outbox import queue_mail, renders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.mail import EmailMessage
    from django.http import HttpRequest

    from portal.base.models import OutgoingMail

PER_ADDRESS = 5  # mails that strangers can cause to one address, an hour
PER_NETWORK = 60


def chosen_language(user: Any) -> str:
    """The language that the account has chosen, as far as we write in it; empty if none."""
    profile = UserProfile.objects.filter(user=user).first()
    language = (profile.preferred_language if profile else "")[:2]
    return language if language in dict(settings.LANGUAGES) else ""


def language_of(user: Any) -> str:
    """The language in which mails are written to the user."""
    return chosen_language(user) or settings.LANGUAGE_CODE


def queue_for(users: Iterable[Any], *, cause: str, kind: str, **params: Any) -> None:
    """A mail to each of these people, in their own languages; the same cause is said once to each."""
    for user in users:
        queue_mail(
            key=f"{cause}:{user.pk}",
            kind=kind,
            to=user.email,
            language=language_of(user),
            params={**params, "user": user.pk},
        )


def password_url(user: Any) -> str:
    """Where the user sets a password, once; made when a mail is sent and stored nowhere."""
    arguments = {
        "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
        "token": default_token_generator.make_token(user),
    }
    return settings.SITE_URL + reverse("wagtailadmin_password_reset_confirm", kwargs=arguments)


def about_signing_in(user: Any) -> list[str]:
    """What whoever sets a password must know."""
    days = settings.PASSWORD_RESET_TIMEOUT // 86_400
    return [
        _("Your user name: %(name)s") % {"name": user.get_username()},
        ngettext(
            "The link works once, for %(number)s day. After that, the page where you sign in sends you a new one.",
            "The link works once, for %(number)s days. After that, the page where you sign in sends you a new one.",
            days,
        )
        % {"number": days},
    ]


class SignInForm(LoginForm):
    """Says "Password" in the reader's language; Wagtail's leaves the name of the field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = AuthenticationForm.base_fields["password"].label


class ForgottenPasswordForm(PasswordResetForm):
    """Puts the mail into the outbox: it waits there while the mail server is down.

    The answer is the same whether or not the address is known, and whether or not a limit is reached.
    """

    def get_users(self, email: str) -> Any:
        """Also those who were invited and have no password yet."""
        return get_user_model().objects.filter(email__iexact=email, is_active=True)

    def save(self, *_arguments: Any, request: HttpRequest, **_options: Any) -> None:
        email = self.cleaned_data["email"].lower()
        network = network_of(request)
        # Both are counted, so that neither tells of the other.
        limits = [is_over("forgotten password", email, PER_ADDRESS)]
        limits.append(bool(network) and is_over("forgotten passwords from", network, PER_NETWORK))
        if any(limits):
            return
        with transaction.atomic():
            for user in self.get_users(email):
                queue_mail(
                    key=f"forgotten_password:{uuid.uuid4()}",
                    kind="forgotten_password",
                    to=user.email,
                    language=language_of(user),
                    params={"user": user.pk},
                )


@renders("forgotten_password")
def forgotten_password(mail: OutgoingMail) -> EmailMessage | None:
    user = get_user_model().objects.filter(pk=mail.params["user"], email=mail.to, is_active=True).first()
    if user is None:
        return None
    letter = Letter(
        subject=_("Choose a password"),
        greeting=_("Good day,"),
        paragraphs=[_("Somebody asked for a new password for your account on the portal.")],
        button=Way(_("Choose a password"), password_url(user)),
        after=[*about_signing_in(user), _("If it was not you, there is nothing to do.")],
    )
    return written(letter, mail.to)
