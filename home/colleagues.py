"""Who edits a Cité: colleagues are invited by mail, and taken out again by the coordinator."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.users.models import UserProfile

from home.models import Cite
from home.models.team import ensure_team
from portal.base.accounts import about_signing_in, language_of, password_url
from portal.base.letters import Letter, Way, written
from portal.base.limits import is_over
from portal.base.outbox import queue_mail, renders

if TYPE_CHECKING:
    from django.core.mail import EmailMessage
    from django.db.models import QuerySet

    from portal.base.models import OutgoingMail

PER_INVITER = 20  # an hour
PER_ADDRESS = 5
INVITED, REMOVED = "home.colleague_invited", "home.colleague_removed"


class InvitationRefused(Exception):
    """The message is meant for the person."""


def colleagues_of(cite: Cite) -> QuerySet[Any]:
    return get_user_model().objects.filter(groups__cite_team__cite=cite).order_by("email", "pk")


def invite_colleague(cite: Cite, *, email: str, name: str, language: str, inviter: Any) -> None:
    """Let the person edit this Cité, and tell her; what happens looks the same whether or not she had an account."""
    limits = [is_over("inviter", str(inviter.pk), PER_INVITER), is_over("invited colleague", email, PER_ADDRESS)]
    if any(limits):
        raise InvitationRefused(_("That was a lot of invitations. Please try again in an hour."))
    with transaction.atomic():
        user = account_of(email) or new_account(email, name, language)
        user.groups.add(ensure_team(cite).group)
        log(cite, INVITED, user=inviter, data={"email": email})
        queue_mail(
            key=f"colleague_invited:{uuid.uuid4()}",
            kind="colleague_invited",
            to=user.email,
            language=language_of(user),
            params={"user": user.pk, "cite": cite.pk, "inviter": inviter.pk},
        )


def account_of(email: str) -> Any:
    return get_user_model().objects.filter(email__iexact=email).order_by("-is_active", "pk").first()


def new_account(email: str, name: str, language: str) -> Any:
    """An account that nobody can log in to before a password is set from the mail."""
    model: Any = get_user_model()
    first, _space, last = name.partition(" ")
    is_free = len(email) <= model._meta.get_field("username").max_length
    is_free = is_free and not model.objects.filter(username__iexact=email).exists()
    username = email if is_free else f"user-{uuid.uuid4().hex[:12]}"
    try:
        with transaction.atomic():
            user = model.objects.create_user(username, email, first_name=first, last_name=last)
    except IntegrityError:  # somebody else invites her at this moment
        user = model.objects.get(username=username)
    UserProfile.objects.get_or_create(user=user, defaults={"preferred_language": language})
    return user


@transaction.atomic
def remove_colleague(cite: Cite, person: Any, *, by: Any) -> None:
    """Her rights end with the next request; what she wrote stays."""
    person.groups.remove(ensure_team(cite).group)
    log(cite, REMOVED, user=by, data={"email": person.email})


@renders("colleague_invited")
def colleague_invited(mail: OutgoingMail) -> EmailMessage | None:
    """With a link to set a password, for whoever has none; withheld from whoever was taken out meanwhile."""
    cite = Cite.objects.filter(pk=mail.params["cite"]).first()
    user = cite and colleagues_of(cite).filter(pk=mail.params["user"], email=mail.to, is_active=True).first()
    if cite is None or user is None:
        return None
    inviter = get_user_model().objects.filter(pk=mail.params["inviter"]).first()
    who = (inviter.get_full_name() or inviter.get_username()) if inviter else settings.WAGTAIL_SITE_NAME
    letter = Letter(
        subject=_("You are invited to edit %(cite)s") % {"cite": cite},
        greeting=_("Good day,"),
        paragraphs=[
            _("%(who)s invites you to the portal of the network: to edit the pages, events and practices of %(cite)s.")
            % {"who": who, "cite": cite}
        ],
    )
    if user.has_usable_password():
        letter.button = Way(_("Sign in"), settings.SITE_URL + reverse("wagtailadmin_home"))
        letter.after = [_("Your user name: %(name)s") % {"name": user.get_username()}]
    else:
        letter.button = Way(_("Choose a password"), password_url(user))
        letter.after = about_signing_in(user)
    letter.after.append(_("If you do not expect this, there is nothing to do."))
    return written(letter, mail.to)
