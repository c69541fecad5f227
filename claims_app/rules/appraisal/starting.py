"""Where an appraisal begins: the starting level, from the kind of the claim and the designs behind it.

The same study begins at another level for another question: a cohort begins high for a prognosis
and low for a treatment. The table below is shown in the program as it stands here.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from claims_app.rules.appraisal import sources
from claims_app.vocabulary import ClaimKind, EvidenceLevel, RiskOfBiasTool, StudyDesign

_HIGH, _LOW, _VERY_LOW = EvidenceLevel.HIGH, EvidenceLevel.LOW, EvidenceLevel.VERY_LOW

_RANDOMISED = (StudyDesign.RANDOMISED_TRIAL,)
_REVIEW = (StudyDesign.SYSTEMATIC_REVIEW,)
_ANIMAL = (StudyDesign.ANIMAL_EXPERIMENT,)
_IN_VITRO = (StudyDesign.IN_VITRO,)
_OPINION = (StudyDesign.NARRATIVE_REVIEW, StudyDesign.EXPERT_OPINION, StudyDesign.NEWS_REPORT)
_OBSERVATIONAL = (
    StudyDesign.NON_RANDOMISED_TRIAL,
    StudyDesign.COHORT,
    StudyDesign.CASE_CONTROL,
    StudyDesign.CROSS_SECTIONAL,
    StudyDesign.CASE_SERIES,
)
_ABOUT_PEOPLE = (
    ClaimKind.ASSOCIATION,
    ClaimKind.DOSE_RESPONSE,
    ClaimKind.DIAGNOSTIC,
    ClaimKind.PROGNOSTIC,
    ClaimKind.TREATMENT,
    ClaimKind.PREVALENCE,
)


@dataclass(frozen=True)
class StartingPoint:
    """Where evidence of some designs begins for claims of some kinds, why, and who says so.

    `randomised` evidence is never rated up. `tools` are the instruments that the row holds for; a row
    without tools holds for all that no other row names.
    """

    kinds: tuple[ClaimKind, ...]
    designs: tuple[StudyDesign, ...]
    level: EvidenceLevel
    reason: str
    source: str
    randomised: bool = False
    translated: bool = False
    """Whether what was seen in animals has to be carried over to people: indirectness is rated down then."""
    tools: tuple[RiskOfBiasTool, ...] = ()


STARTING_POINTS: tuple[StartingPoint, ...] = (
    StartingPoint(
        (ClaimKind.TREATMENT,),
        _RANDOMISED,
        _HIGH,
        "Chance alone decided who got the treatment, so the groups are alike in all else.",
        sources.GRADE_3,
        randomised=True,
    ),
    StartingPoint(
        (ClaimKind.TREATMENT,),
        _REVIEW,
        _HIGH,
        "It is taken to be one of randomised trials; if it is one of other studies, record what they were.",
        sources.GRADE_3,
        randomised=True,
    ),
    StartingPoint(
        (ClaimKind.TREATMENT,),
        _OBSERVATIONAL,
        _LOW,
        "Those who got the treatment may differ from the others in what decides the outcome.",
        sources.GRADE_3,
    ),
    StartingPoint(
        (ClaimKind.TREATMENT,),
        (StudyDesign.NON_RANDOMISED_TRIAL, StudyDesign.COHORT, StudyDesign.CASE_CONTROL),
        _HIGH,
        "ROBINS-I compares each study with a randomised trial, so the want of randomisation is judged "
        "under risk of bias and not twice.",
        sources.GRADE_18,
        tools=(RiskOfBiasTool.ROBINS_I,),
    ),
    StartingPoint(
        (ClaimKind.ASSOCIATION, ClaimKind.DOSE_RESPONSE),
        _RANDOMISED,
        _HIGH,
        "Chance alone decided who was exposed.",
        sources.GRADE_3,
        randomised=True,
    ),
    StartingPoint(
        (ClaimKind.ASSOCIATION, ClaimKind.DOSE_RESPONSE),
        _OBSERVATIONAL,
        _LOW,
        "Nobody allotted the exposure, so another difference between the groups may explain the result.",
        sources.by_analogy(sources.GRADE_3),
    ),
    StartingPoint(
        (ClaimKind.ASSOCIATION, ClaimKind.DOSE_RESPONSE),
        _REVIEW,
        _LOW,
        "It is no better than the observational studies in it.",
        sources.by_analogy(sources.GRADE_3),
    ),
    StartingPoint(
        (ClaimKind.ASSOCIATION, ClaimKind.DOSE_RESPONSE),
        (
            StudyDesign.NON_RANDOMISED_TRIAL,
            StudyDesign.COHORT,
            StudyDesign.CASE_CONTROL,
            StudyDesign.CROSS_SECTIONAL,
        ),
        _HIGH,
        "ROBINS-E compares each study with an experiment, so confounding is judged under risk of bias "
        "and not twice.",
        sources.MORGAN_2019,
        tools=(RiskOfBiasTool.ROBINS_E,),
    ),
    StartingPoint(
        (ClaimKind.PROGNOSTIC,),
        (*_RANDOMISED, StudyDesign.NON_RANDOMISED_TRIAL, StudyDesign.COHORT, *_REVIEW),
        _HIGH,
        "To foretell a course, people have to be followed, and nobody has to be allotted to anything.",
        sources.GRADE_28,
    ),
    StartingPoint(
        (ClaimKind.PROGNOSTIC,),
        (StudyDesign.CASE_CONTROL, StudyDesign.CROSS_SECTIONAL, StudyDesign.CASE_SERIES),
        _LOW,
        "Nobody was followed from the factor to the outcome in a whole group of people.",
        sources.OURS,
    ),
    StartingPoint(
        (ClaimKind.DIAGNOSTIC,),
        (StudyDesign.CROSS_SECTIONAL, StudyDesign.COHORT, *_RANDOMISED, *_REVIEW),
        _HIGH,
        "The test is compared with a reference standard in people in whom the diagnosis is open.",
        sources.GRADE_21,
    ),
    StartingPoint(
        (ClaimKind.DIAGNOSTIC,),
        (StudyDesign.CASE_CONTROL, StudyDesign.NON_RANDOMISED_TRIAL, StudyDesign.CASE_SERIES),
        _LOW,
        "Known patients were compared with healthy people, or with nobody: a test looks better so than it is.",
        sources.OURS,
    ),
    StartingPoint(
        (ClaimKind.PREVALENCE,),
        (StudyDesign.CROSS_SECTIONAL, StudyDesign.COHORT, *_REVIEW),
        _HIGH,
        "A share is counted in a sample of the population; nobody has to be allotted to anything.",
        sources.by_analogy(sources.IORIO_2015),
    ),
    StartingPoint(
        (ClaimKind.PREVALENCE,),
        (
            StudyDesign.CASE_CONTROL,
            StudyDesign.CASE_SERIES,
            StudyDesign.NON_RANDOMISED_TRIAL,
            *_RANDOMISED,
        ),
        _LOW,
        "Those who were counted were chosen, so their share is not that of a population.",
        sources.OURS,
    ),
    StartingPoint(
        (ClaimKind.ANIMAL_TRANSFER,),
        (*_ANIMAL, *_REVIEW),
        _HIGH,
        "A controlled experiment in the species that the claim is about.",
        sources.HOOIJMANS_2018,
        randomised=True,
    ),
    StartingPoint(
        (ClaimKind.ANIMAL_TRANSFER,),
        (*_RANDOMISED, *_OBSERVATIONAL, *_IN_VITRO),
        _LOW,
        "No animal was given anything, so the claim is not put to the test.",
        sources.OURS,
    ),
    StartingPoint(
        (ClaimKind.MECHANISM,),
        (*_RANDOMISED, *_ANIMAL),
        _HIGH,
        "A controlled experiment: what was changed on purpose came before what was measured.",
        sources.by_analogy(sources.HOOIJMANS_2018),
        randomised=True,
    ),
    StartingPoint(
        (ClaimKind.MECHANISM,),
        (*_OBSERVATIONAL, *_REVIEW, *_IN_VITRO),
        _LOW,
        "What is seen together, or in cells alone, does not show what brings about what in the body.",
        sources.OURS,
    ),
    StartingPoint(
        (ClaimKind.ASSOCIATION, ClaimKind.DOSE_RESPONSE, ClaimKind.TREATMENT),
        _ANIMAL,
        _HIGH,
        "A controlled experiment begins high; that it was not done in people is rated under indirectness.",
        sources.HOOIJMANS_2018,
        randomised=True,
        translated=True,
    ),
    StartingPoint(
        (ClaimKind.DIAGNOSTIC, ClaimKind.PROGNOSTIC, ClaimKind.PREVALENCE),
        _ANIMAL,
        _VERY_LOW,
        "An experiment with animals cannot tell how common something is in people, how well a test works in "
        "them, or how their illness will go on.",
        sources.OURS,
    ),
    StartingPoint(
        _ABOUT_PEOPLE,
        _IN_VITRO,
        _VERY_LOW,
        "Cells and molecules can suggest an answer about people, and cannot show it.",
        sources.OURS,
    ),
    StartingPoint(
        tuple(ClaimKind),
        _OPINION,
        _VERY_LOW,
        "Reports of what others found, or hold, bring no data of their own.",
        sources.OURS,
    ),
)

_UNKNOWN = StartingPoint(
    tuple(ClaimKind),
    (),
    _VERY_LOW,
    "The design of the studies is not recorded; record it, and the evidence begins where it belongs.",
    sources.OURS,
)


@dataclass(frozen=True)
class BodyStart:
    """Where a body of evidence begins: the row that leads, its designs, and the designs that stand beside it."""

    point: StartingPoint
    designs: tuple[StudyDesign, ...] = ()
    beside: tuple[StudyDesign, ...] = ()

    @property
    def level(self) -> EvidenceLevel:
        """The starting level."""
        return self.point.level

    @property
    def may_rate_up(self) -> bool:
        """Whether the evidence can be rated up: only where nobody was allotted by chance (GRADE 9)."""
        return not self.point.randomised

    @property
    def reason(self) -> str:
        """Why it begins there, in a sentence or two."""
        text = self.point.reason
        if self.designs:
            first = text[0] if text[1].isupper() else text[0].lower()  # ROBINS-E keeps its capitals
            text = f"{_listed(self.designs).capitalize()}: {first}{text[1:]}"
        if self.beside:
            text += f" What stands beside it ({_listed(self.beside)}) is weighed under the domains."
        return text


def starting_point(
    kind: ClaimKind, design: StudyDesign | None, tool: RiskOfBiasTool | None = None
) -> StartingPoint:
    """Return where evidence of one `design` begins for a claim of this `kind`.

    `tool` is the instrument that the risk of bias is judged with; ROBINS-I and ROBINS-E change where
    non-randomised studies begin. A design that is not recorded begins very low.
    """
    found = _UNKNOWN
    for point in STARTING_POINTS:
        if kind in point.kinds and design in point.designs:
            if point.tools and tool in point.tools:
                return point
            if not point.tools:
                found = point
    return found


def starting_point_of_body(
    kind: ClaimKind, designs: Collection[StudyDesign | None], tool: RiskOfBiasTool | None = None
) -> BodyStart:
    """Return where a body of evidence of several `designs` begins: where the best of them does.

    GRADE rates each body of one design by itself and takes the one that gives the highest certainty
    (GRADE guidelines 3); what the other designs say is weighed under the domains. Animals that stand
    for people never lead where people were studied: an experiment with mice must not make the certainty
    of what was seen in people higher than it would be without the mice.
    """
    recorded = sorted({design for design in designs if design is not None}, key=_order)
    points = [(starting_point(kind, design, tool), design) for design in recorded]
    if not points:
        return BodyStart(_UNKNOWN)
    of_people = [point for point, _ in points if not point.translated and point.level is not _VERY_LOW]
    leading = max(of_people or [point for point, _ in points], key=lambda point: point.level.rank)
    return BodyStart(
        leading,
        tuple(design for point, design in points if point is leading),
        tuple(design for point, design in points if point is not leading),
    )


def better_designs(kind: ClaimKind, than: EvidenceLevel) -> Iterator[StudyDesign]:
    """Yield the single studies that begin above `than` for a claim of this kind, and are about the right species."""
    for design in StudyDesign:
        point = starting_point(kind, design)
        if design not in _REVIEW and not point.translated and point.level.rank > than.rank:
            yield design


def _order(design: StudyDesign) -> int:
    return list(StudyDesign).index(design)


def _listed(designs: Collection[StudyDesign]) -> str:
    return ", ".join(design.label.lower() for design in designs)
