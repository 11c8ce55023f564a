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


class Described(Term):
    """A word of a vocabulary that wants a sentence to be understood."""

    descriptions = LabelsField(_("description"), blank=True, max_length=600, long=True)

    panels = [*Term.panels[:2], "descriptions", "sort_order"]

    class Meta(Term.Meta):
        abstract = True

    @property
    def description(self) -> Text:
        return pick(self.descriptions)


class SkillArea(Described):
    """A group of skills in the repository of skills of those who work in a Cité."""

    class Meta(Described.Meta):
        verbose_name = _("skill area")
        verbose_name_plural = _("skill areas")


class Skill(Described):
    """One skill of the repository: practices and trainings say which they serve."""

    area = models.ForeignKey(SkillArea, on_delete=models.PROTECT, related_name="skills", verbose_name=_("skill area"))
    is_demonstration = models.BooleanField(_("demonstration"), default=False)

    panels = ["area", *Described.panels, "is_demonstration"]

    class Meta(Described.Meta):
        ordering = ["area__sort_order", "area__code", "sort_order", "code"]
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
