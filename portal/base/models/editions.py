from django.db import models


class Edition(models.Model):
    """A public file as it is now, and since when: no date of a row tells that another one was taken away."""

    name = models.CharField(max_length=100, unique=True)
    digest = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
