"""The rows of the ground: people, pictures, mails to be sent, editions of public files."""

from portal.base.models.accounts import User
from portal.base.models.editions import Edition
from portal.base.models.images import PortalImage, PortalRendition
from portal.base.models.outbox import OutgoingMail

__all__ = ["Edition", "OutgoingMail", "PortalImage", "PortalRendition", "User"]
