from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.admin.apps import WagtailAdminAppConfig


class BaseConfig(AppConfig):
    default = True
    name = "portal.base"
    label = "base"
    verbose_name = _("Ground")

    def ready(self) -> None:
        # Django finds models first; what follows needs them.
        from anymail.signals import tracking  # noqa: PLC0415
        from wagtail.signals import page_published  # noqa: PLC0415

        from portal.base import (  # noqa: F401, PLC0415
            accounts,
            checks,
            comments,
            outdated,
            reindex,
            second_factor_letters,
            webhooks,
        )

        tracking.connect(webhooks.on_tracking, dispatch_uid="portal.base.webhooks")
        page_published.connect(outdated.on_page_published, dispatch_uid="portal.base.outdated")


class QuietAdminConfig(WagtailAdminAppConfig):
    """Wagtail's admin without its mails about workflows: they are sent in the request, and lost with the server.

    In its place, where Wagtail connects them: an app that starts before it would come too early to disconnect them.
    """

    def ready(self) -> None:
        super().ready()
        from wagtail import signals  # noqa: PLC0415 models come first
        from wagtail.models import TaskState, WorkflowState  # noqa: PLC0415

        for signal, sender, uid in (
            (signals.task_submitted, TaskState, "group_approval_task_submitted_email_notification"),
            (signals.workflow_submitted, WorkflowState, "workflow_state_submitted_email_notification"),
            (signals.workflow_rejected, WorkflowState, "workflow_state_rejected_email_notification"),
            (signals.workflow_approved, WorkflowState, "workflow_state_approved_email_notification"),
        ):
            signal.disconnect(sender=sender, dispatch_uid=uid)
