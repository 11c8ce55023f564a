from django.db import migrations, models

LOCAL_START = b"\r\nDTSTART;TZID="


def name_zones(apps, schema_editor):
    """Entries say the zone of their times from now on; those stored before have it in their bytes."""
    CalendarEntry = apps.get_model("events", "CalendarEntry")
    zones = {}
    for pk, body in CalendarEntry.objects.values_list("pk", "body").iterator():
        _before, found, after = bytes(body).partition(LOCAL_START)
        if found:
            zones.setdefault(after.partition(b":")[0].decode(), []).append(pk)
    for zone, entries in zones.items():
        for start in range(0, len(entries), 500):
            CalendarEntry.objects.filter(pk__in=entries[start : start + 500]).update(timezone=zone)


class Migration(migrations.Migration):
    dependencies = [("events", "0007_calendar_subscription")]

    operations = [
        migrations.AddField(
            model_name="calendarentry", name="timezone", field=models.CharField(blank=True, max_length=64)
        ),
        migrations.RunPython(name_zones, migrations.RunPython.noop),
    ]
