"""The vademecum: good-practice sheets, their chapters, their words."""

from practices.models.pages import PracticePage, VademecumPage
from practices.models.practice import Chapter, Practice, PracticeSource

__all__ = ["Chapter", "Practice", "PracticePage", "PracticeSource", "VademecumPage"]
