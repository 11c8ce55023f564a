from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        # Django finds models first; what follows needs them.
        from events import emails, organisers, publication  # noqa: F401, PLC0415
        from home.models.team import TEAM_PERMISSIONS  # noqa: PLC0415

        TEAM_PERMISSIONS["events"] = {"view_event", "add_event", "change_event", "publish_event", "view_registration"}
