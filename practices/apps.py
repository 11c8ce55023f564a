from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PracticesConfig(AppConfig):
    name = "practices"
    verbose_name = _("Vademecum")

    def ready(self) -> None:
        # Django finds models first; what follows needs them.
        from home.models.team import TEAM_PERMISSIONS  # noqa: PLC0415
        from practices import handbook_publication  # noqa: F401, PLC0415

        TEAM_PERMISSIONS["practices"] = {f"{action}_practice" for action in ("view", "add", "change", "publish")}
