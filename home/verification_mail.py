"""The yearly mail to the editors of a Cité: are the facts still right?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from home.editors import editors_of
from home.verification import KIND, unverified
from portal.base import when
from portal.base.letters import Letter, Way, written
from portal.base.outbox import renders

if TYPE_CHECKING:
    from django.core.mail import EmailMultiAlternatives

    from portal.base.models import OutgoingMail


@renders(KIND)
def cite_verification(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """Void once somebody has said it, or where the reader has left the Cité."""
    cite = unverified().filter(pk=mail.params.get("cite")).first()
    if cite is None or not editors_of(cite).filter(pk=mail.params.get("user"), email=mail.to).exists():
        return None
    day = cite.verified_on and when.full_day(cite.verified_on)
    since = _("Its facts were last verified on %(day)s.") % {"day": day} if day else _("Nobody has verified it yet.")
    made = Letter(
        subject=_("Is your page still right? %(cite)s") % {"cite": cite},
        greeting=_("Good day,"),
        paragraphs=[
            _("Once a year we ask each Cité to look at what the portal says of it: hours, address, contact, services.")
            + f" {since}",
            _("Change what is not right any more. If all is well, one button says so: “Verified today”."),
        ],
        button=Way(_("Check my Cité"), settings.SITE_URL + cite.admin_url),
        after=[_("It takes five minutes. We ask again in a year at the earliest.")],
    )
    return written(made, mail.to)
