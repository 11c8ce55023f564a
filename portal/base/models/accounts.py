from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Somebody who logs in to edit; readers and registrants never have an account."""
