from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PracticesConfig(AppConfig):
    name = "practices"
    verbose_name = _("Vademecum")

    def ready(self) -> None:
        # Django finds models first; what follows needs them.
        from wagtail.signals import task_submitted, workflow_approved, workflow_rejected  # noqa: PLC0415

        from home.models.team import TEAM_PERMISSIONS  # noqa: PLC0415
        from practices import handbook_publication, review_mail  # noqa: F401, PLC0415 mails are rendered where no page is served

        # Not "publish": reviewers do that.
        TEAM_PERMISSIONS["practices"] = {f"{action}_practice" for action in ("view", "add", "change")}
        task_submitted.connect(review_mail.on_submitted, dispatch_uid="practices.submitted")
        workflow_rejected.connect(review_mail.on_rejected, dispatch_uid="practices.rejected")
        workflow_approved.connect(review_mail.on_approved, dispatch_uid="practices.approved")
