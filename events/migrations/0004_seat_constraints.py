import django.db.models.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0003_seat_numbers")]

    operations = [
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ("pending", "awaiting", "confirmed", "waiting", "offered")),
                    models.Q(("email", ""), _negated=True),
                ),
                fields=("event", "email"),
                name="one_active_per_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.UniqueConstraint(
                condition=models.Q(("seat__isnull", False)), fields=("event", "way", "seat"), name="one_person_per_seat"
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(("seat", None), ("seat__gte", 1), _connector="OR"), name="seats_are_counted_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("confirmed", "offered")), _negated=True),
                    ("seat__isnull", False),
                    _connector="OR",
                ),
                name="confirmed_and_offered_hold_a_seat",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("awaiting", "waiting", "refused", "expired")), _negated=True),
                    ("seat", None),
                    _connector="OR",
                ),
                name="those_who_wait_hold_no_seat",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("pending", "offered")), _negated=True),
                    ("held_until__isnull", False),
                    _connector="OR",
                ),
                name="what_is_held_has_an_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower(models.F("email")))),
                name="registration_address_in_lower_case",
            ),
        ),
    ]
