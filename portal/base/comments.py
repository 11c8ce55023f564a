"""Comments on pages, told by mail: through the outbox, some minutes later, all of one page in one mail.

Wagtail sends a mail for each, in the request that saves it, and loses it while the mail server is down.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from wagtail.models import Comment, CommentReply, Page, PageSubscription

from portal.base.accounts import language_of
from portal.base.letters import Letter, Way, written
from portal.base.models import OutgoingMail
from portal.base.outbox import queue_mail, renders

if TYPE_CHECKING:
    from django.core.mail import EmailMultiAlternatives

KIND = "page_comments"
PAUSE = dt.timedelta(minutes=5)  # who reads a page over writes several


def queue_comments(page: Any, author: Any, changes: dict[str, Any]) -> None:
    """Tell those who take part what somebody has written about a page; takes what Wagtail found to be new."""
    said = [*changes["new_comments"], *(reply for _comment, replies in changes["new_replies"] for reply in replies)]
    if not said:
        return
    since = min(row.created_at for row in said)
    for user in readers(page).exclude(pk=author.pk):
        params = {"page": page.pk, "user": user.pk}
        if not OutgoingMail.objects.waiting().filter(kind=KIND, params__page=page.pk, params__user=user.pk).exists():
            queue_mail(
                key=f"{KIND}:{page.pk}:{user.pk}:{since.isoformat()}",
                kind=KIND,
                to=user.email,
                language=language_of(user),
                params={**params, "since": since.isoformat()},
                at=timezone.now() + PAUSE,
            )


def readers(page: Any) -> Any:
    """Who has written a comment there, asked for the news of it, or takes part otherwise."""
    subscribed = PageSubscription.objects.filter(page=page.pk, comment_notifications=True).values("user")
    wrote = Q(pk__in=Comment.objects.filter(page=page.pk).values("user"))
    answered = Q(pk__in=CommentReply.objects.filter(comment__page=page.pk).values("user"))
    takes_part = Q(pk__in=page.specific.people_concerned())
    people = get_user_model().objects.filter(is_active=True).exclude(email="")
    return people.filter(wrote | answered | takes_part | Q(pk__in=subscribed)).order_by("pk")


@renders(KIND)
def page_comments(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """Void where the comments were taken away meanwhile, or the reader may not read the page any more."""
    page = Page.objects.filter(pk=mail.params.get("page")).first()
    user = get_user_model().objects.filter(pk=mail.params.get("user"), email=mail.to, is_active=True).first()
    since = parse_datetime(str(mail.params.get("since")))
    if page is None or user is None or since is None or not page.specific.permissions_for_user(user).can_edit():
        return None
    new = Q(created_at__gte=since) & ~Q(user=user)
    comments = Comment.objects.filter(new, page=page).select_related("user")
    replies = CommentReply.objects.filter(new, comment__page=page).select_related("user")
    said = sorted([*comments, *replies], key=lambda row: row.created_at)
    if not said:
        return None
    title = page.get_latest_revision_as_object().title
    made = Letter(
        subject=_("New comments: %(title)s") % {"title": title},
        greeting=_("Good day,"),
        paragraphs=[
            _("%(who)s wrote: “%(text)s”") % {"who": row.user.get_full_name() or row.user, "text": row.text}
            for row in said
        ],
        button=Way(
            _("Read and answer"), settings.SITE_URL + reverse("wagtailadmin_pages:edit", args=[page.pk]) + "#comments"
        ),
    )
    return written(made, mail.to)
