"""The network: its Cités, its projects, its vocabularies, and the pages that say so."""

from home.models.cite import Cite, CiteFigure, CiteSource, FormerSlug
from home.models.opening import OpeningException, OpeningInterval
from home.models.pages import (
    CitePage,
    HomePage,
    NetworkPage,
    PlainPage,
    ProjectPage,
    ProjectsPage,
    SkillsPage,
    TrainingModulePage,
)
from home.models.place import AssociatedCentre, CiteLink, CiteName, CitePartner, CitePole, LabelStage
from home.models.project import (
    Project,
    ProjectDeliverable,
    ProjectFigure,
    ProjectGrant,
    ProjectPartner,
    ProjectSource,
)
from home.models.team import CiteTeam
from home.models.training import ModuleSource, TrainingModule
from home.models.vocabularies import PartnerKind, Pole, Principle, Skill, SkillArea, TargetGroup

__all__ = [
    "AssociatedCentre",
    "Cite",
    "CiteFigure",
    "CiteLink",
    "CiteName",
    "CitePage",
    "CitePartner",
    "CitePole",
    "CiteSource",
    "CiteTeam",
    "FormerSlug",
    "HomePage",
    "LabelStage",
    "ModuleSource",
    "NetworkPage",
    "OpeningException",
    "OpeningInterval",
    "PartnerKind",
    "PlainPage",
    "Pole",
    "Principle",
    "Project",
    "ProjectDeliverable",
    "ProjectFigure",
    "ProjectGrant",
    "ProjectPage",
    "ProjectPartner",
    "ProjectSource",
    "ProjectsPage",
    "Skill",
    "SkillArea",
    "SkillsPage",
    "TargetGroup",
    "TrainingModule",
    "TrainingModulePage",
]
