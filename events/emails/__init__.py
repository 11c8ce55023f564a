"""Every mail to registrants: a function a kind, rendered when it is sent, in the registrant's language.

A mail whose cause is void by then (the seat was cancelled, the offer has ended) is not sent.
"""

from events.emails import coming_in, deciding, offers
from events.emails.about_event import queue_message
from events.emails.to_others import KEPT_FOR
from events.emails.writing import KINDS, preview

__all__ = ["KEPT_FOR", "KINDS", "coming_in", "deciding", "offers", "preview", "queue_message"]
