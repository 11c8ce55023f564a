from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BaseConfig(AppConfig):
    name = "portal.base"
    label = "base"
    verbose_name = _("Ground")

    def ready(self) -> None:
        # Django finds models first; what follows needs them.
        from anymail.signals import tracking  # noqa: PLC0415
        from wagtail.signals import page_published  # noqa: PLC0415

        from portal.base import accounts, checks, outdated, reindex, second_factor_letters, webhooks  # noqa: F401, PLC0415

        tracking.connect(webhooks.on_tracking, dispatch_uid="portal.base.webhooks")
        page_published.connect(outdated.on_page_published, dispatch_uid="portal.base.outdated")
