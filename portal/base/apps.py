from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BaseConfig(AppConfig):
    name = "portal.base"
    label = "base"
    verbose_name = _("Ground")

    def ready(self) -> None:
        # Django finds models first; what follows needs them.
        from portal.base import reindex  # noqa: F401, PLC0415
