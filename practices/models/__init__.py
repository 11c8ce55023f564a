"""The vademecum: good-practice sheets, their chapters, their words."""

from practices.models.handbook import Handbook
from practices.models.pages import PracticePage, VademecumPage
from practices.models.practice import Chapter, Practice, PracticeSource
from practices.models.review import PracticeWorkflow, Review

__all__ = [
    "Chapter",
    "Handbook",
    "Practice",
    "PracticePage",
    "PracticeSource",
    "PracticeWorkflow",
    "Review",
    "VademecumPage",
]
