"""What `manage.py check` says of the configuration, beside Django's own checks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, Warning, register  # noqa: A004 that is its name

from portal.base.mail_servers import CARRIERS, InvitationLevel, invitation_level

HOW = (
    "Set INVITATION_EMAIL_URL to a server that carries them: the SMTP server that your provider has as well"
    " (submission://user:password@host:587), or anymail+amazon-ses:?REGION_NAME=…"
)


@register("mail")
def check_invitations(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Say which level of invitations the mail servers give, and that a second one was chosen in vain."""
    level, ours = invitation_level(), settings.EMAIL_BACKEND
    apart = settings.INVITATION_EMAIL.get("backend", "")
    said = {
        InvitationLevel.CARRIED: f"Invitations go into people's calendars by themselves; {ours} carries them.",
        InvitationLevel.APART: f"Invitations go into people's calendars by themselves; {apart} carries them, and"
        f" {ours} all other mails. While one of the two cannot be reached, all mails wait.",
        InvitationLevel.LINK: f"Invitations are a link and a file that people open: {ours} cannot carry more.",
    }
    found: list[CheckMessage] = [Info(said[level], hint=HOW if level is InvitationLevel.LINK else None, id="base.I001")]
    if apart and apart not in CARRIERS:
        found.append(
            Warning(f"INVITATION_EMAIL_URL is not used: {apart} cannot carry invitations.", hint=HOW, id="base.W001")
        )
    return found
