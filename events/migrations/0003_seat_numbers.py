"""Give those who had a seat before seats had numbers one: in the order in which they registered."""

from collections import Counter

from django.db import migrations
from django.db.models import F


def number_seats(apps, schema_editor):
    registration = apps.get_model("events", "Registration")
    registration.objects.update(ranked_at=F("created_at"))
    taken = Counter()
    for row in registration.objects.filter(state="confirmed", seat=None).order_by("created_at", "pk"):
        taken[row.event_id, row.way] += 1
        row.seat = taken[row.event_id, row.way]
        row.email_confirmed_at = row.created_at  # they had their mail before addresses were confirmed
        row.save(update_fields=["seat", "email_confirmed_at"])


class Migration(migrations.Migration):
    dependencies = [("events", "0002_registration")]
    operations = [migrations.RunPython(number_seats, migrations.RunPython.noop)]
