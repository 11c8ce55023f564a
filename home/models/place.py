"""What belongs to one Cité: names, stages of its label, poles, partners, associated centres, links."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.models import Orderable

from home.countries import country_choices, country_name
from home.models.cite import Cite, latitude, longitude
from home.models.vocabularies import PartnerKind, Pole
from portal.base.labels import LabelsField
from portal.base.languages import Text, pick
from portal.base.widgets import QuickSelect


class CiteName(Orderable):
    cite = ParentalKey(Cite, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=10, blank=True, help_text=_("For example nl."))

    panels = [FieldRowPanel(["name", "language"])]

    def __str__(self) -> str:
        return self.name


class Stage(models.TextChoices):
    PROJECT = "project", _("project label")
    OPERATING = "operating", _("operating label")
    CONFIRMED = "confirmed", _("confirmed")
    FORMER = "former", _("label ended")


class LabelStage(Orderable):
    """A step in the life of the label, with its date as exactly as it is known."""

    cite = ParentalKey(Cite, on_delete=models.CASCADE, related_name="stages")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage)
    on = models.CharField(
        _("date"), max_length=10, blank=True, help_text=_("2019, 2019-05 or 2019-05-14, as far as known.")
    )
    notes = LabelsField(_("note"), blank=True, max_length=300)

    panels = [FieldRowPanel(["stage", "on"]), "notes"]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.on}"

    @property
    def note(self) -> Text:
        return pick(self.notes)


class CitePole(Orderable):
    """An area of service as this Cité names it, if possible mapped to one of the network's five."""

    cite = ParentalKey(Cite, on_delete=models.CASCADE, related_name="poles")
    labels = LabelsField(_("name"), blank=True, help_text=_("Leave empty to use the network's name."))
    network_pole = models.ForeignKey(
        Pole, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("pole of the network")
    )

    panels = ["network_pole", "labels"]

    def __str__(self) -> str:
        return str(self.label)

    @property
    def label(self) -> Text:
        if not self.labels and self.network_pole:
            return self.network_pole.label
        return pick(self.labels, original=self.cite.name_language)


class CitePartner(Orderable):
    cite = ParentalKey(Cite, on_delete=models.CASCADE, related_name="partners")
    name = models.CharField(_("name"), max_length=200)
    kind = models.ForeignKey(PartnerKind, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("kind"))
    pole = models.ForeignKey(Pole, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("leads the pole"))
    url = models.URLField(_("address"), max_length=300, blank=True)

    panels = ["name", FieldRowPanel(["kind", "pole"]), "url"]

    def __str__(self) -> str:
        return self.name


class AssociatedCentre(Orderable):
    """A smaller place attached to a Cité, perhaps in another country."""

    cite = ParentalKey(Cite, on_delete=models.CASCADE, related_name="associated_centres")
    name = models.CharField(_("name"), max_length=200)
    address = models.CharField(_("address"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100)
    country = models.CharField(_("country"), max_length=2, choices=country_choices)
    latitude = latitude()
    longitude = longitude()
    url = models.URLField(_("address on the web"), max_length=300, blank=True)
    source_title = models.CharField(_("source"), max_length=300, blank=True)
    source_url = models.URLField(_("address of the source"), max_length=500, blank=True)

    panels = [
        "name",
        FieldRowPanel(["address", "city", FieldPanel("country", widget=QuickSelect)]),
        FieldRowPanel(["latitude", "longitude"]),
        "url",
        FieldRowPanel(["source_title", "source_url"]),
    ]

    def __str__(self) -> str:
        return self.name

    @property
    def country_name(self) -> str:
        return country_name(self.country)


class CiteLink(Orderable):
    cite = ParentalKey(Cite, on_delete=models.CASCADE, related_name="links")
    labels = LabelsField(_("text"))
    url = models.URLField(_("address"), max_length=300)

    panels = ["labels", "url"]

    @property
    def label(self) -> Text:
        return pick(self.labels) or Text(self.url, "")
