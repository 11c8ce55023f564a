"""The rows of the ground: people, pictures, mails to be sent."""

from portal.base.models.accounts import User
from portal.base.models.images import PortalImage, PortalRendition
from portal.base.models.outbox import OutgoingMail

__all__ = ["OutgoingMail", "PortalImage", "PortalRendition", "User"]
