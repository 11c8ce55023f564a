from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.base.labels import LabelsField, Term
from portal.base.languages import Text, pick


class Pole(Term):
    """One of the network's five areas of service."""

    hints = LabelsField(_("second line"), blank=True)
    icon = models.CharField(_("icon"), max_length=30, blank=True)

    panels = [*Term.panels, "hints", "icon"]

    class Meta(Term.Meta):
        verbose_name = _("pole")
        verbose_name_plural = _("poles")

    @property
    def hint(self) -> Text:
        return pick(self.hints)


class TargetGroup(Term):
    class Meta(Term.Meta):
        verbose_name = _("target group")
        verbose_name_plural = _("target groups")


class PartnerKind(Term):
    class Meta(Term.Meta):
        verbose_name = _("kind of partner")
        verbose_name_plural = _("kinds of partner")


class Principle(Term):
    class Meta(Term.Meta):
        verbose_name = _("principle of the charter")
        verbose_name_plural = _("principles of the charter")
