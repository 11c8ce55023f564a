"""The rows of the ground: people, pictures, mails to be sent, editions of public files, the age of translations."""

from portal.base.models.accounts import User
from portal.base.models.editions import Edition
from portal.base.models.images import PortalImage, PortalRendition
from portal.base.models.outbox import OutgoingMail
from portal.base.models.wording import Agreement, Wording

__all__ = ["Agreement", "Edition", "OutgoingMail", "PortalImage", "PortalRendition", "User", "Wording"]
