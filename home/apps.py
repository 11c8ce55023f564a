from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = _("Network")

    def ready(self) -> None:
        from home import colleagues, verification_mail  # noqa: F401, PLC0415 mails are rendered where no page is served
