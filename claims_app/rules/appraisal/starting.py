"""The starting level of an appraisal, from the kind of the claim and the designs of the studies.

The same study can start at different levels for different questions: a cohort starts at high for a
prognostic claim and at low for a treatment. The page about appraising shows the table below.
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
    """The starting level of some designs for some kinds of claims, with reason and source.

    `randomised` evidence is never rated up. A row with `tools` applies only if the risk of bias was
    judged with one of them; a row without tools applies in all other cases.
    """

    kinds: tuple[ClaimKind, ...]
    designs: tuple[StudyDesign, ...]
    level: EvidenceLevel
    reason: str
    source: str
    randomised: bool = False
    translated: bool = False
    """Whether results in animals are used as evidence about people; indirectness is rated down then."""
    tools: tuple[RiskOfBiasTool, ...] = ()


STARTING_POINTS: tuple[StartingPoint, ...] = (
    StartingPoint(
        (ClaimKind.TREATMENT,),
        _RANDOMISED,
        _HIGH,
        "Treatment was assigned at random, so the groups differ only by chance in everything else.",
        sources.GRADE_3,
        randomised=True,
    ),
    StartingPoint(
        (ClaimKind.TREATMENT,),
        _REVIEW,
        _HIGH,
        "Assumed to be a review of randomised trials; if it covers other designs, record the studies themselves.",
        sources.GRADE_3,
        randomised=True,
    ),
    StartingPoint(
        (ClaimKind.TREATMENT,),
        _OBSERVATIONAL,
        _LOW,
        "Treatment was not assigned at random, so the groups may differ in factors that affect the outcome.",
        sources.GRADE_3,
    ),
    StartingPoint(
        (ClaimKind.TREATMENT,),
        (StudyDesign.NON_RANDOMISED_TRIAL, StudyDesign.COHORT, StudyDesign.CASE_CONTROL),
        _HIGH,
        "ROBINS-I compares each study with a randomised trial, so the lack of randomisation is judged "
        "under risk of bias, and only once.",
        sources.GRADE_18,
        tools=(RiskOfBiasTool.ROBINS_I,),
    ),
    StartingPoint(
        (ClaimKind.ASSOCIATION, ClaimKind.DOSE_RESPONSE),
        _RANDOMISED,
        _HIGH,
        "Exposure was assigned at random.",
        sources.GRADE_3,
        randomised=True,
    ),
    StartingPoint(
        (ClaimKind.ASSOCIATION, ClaimKind.DOSE_RESPONSE),
        _OBSERVATIONAL,
        _LOW,
        "Exposure was not assigned by the researchers, so other differences between the groups may explain the result.",
        sources.by_analogy(sources.GRADE_3),
    ),
    StartingPoint(
        (ClaimKind.ASSOCIATION, ClaimKind.DOSE_RESPONSE),
        _REVIEW,
        _LOW,
        "A review is no stronger than the observational studies it includes.",
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
        "ROBINS-E compares each study with an experiment, so confounding is judged under risk of bias, "
        "and only once.",
        sources.MORGAN_2019,
        tools=(RiskOfBiasTool.ROBINS_E,),
    ),
    StartingPoint(
        (ClaimKind.PROGNOSTIC,),
        (*_RANDOMISED, StudyDesign.NON_RANDOMISED_TRIAL, StudyDesign.COHORT, *_REVIEW),
        _HIGH,
        "Prognosis requires follow-up; it does not require assigning people to groups.",
        sources.GRADE_28,
    ),
    StartingPoint(
        (ClaimKind.PROGNOSTIC,),
        (StudyDesign.CASE_CONTROL, StudyDesign.CROSS_SECTIONAL, StudyDesign.CASE_SERIES),
        _LOW,
        "No defined group of people was followed from the factor to the outcome.",
        sources.OURS,
    ),
    StartingPoint(
        (ClaimKind.DIAGNOSTIC,),
        (StudyDesign.CROSS_SECTIONAL, StudyDesign.COHORT, *_RANDOMISED, *_REVIEW),
        _HIGH,
        "The test is compared with a reference standard in people whose diagnosis is uncertain.",
        sources.GRADE_21,
    ),
    StartingPoint(
        (ClaimKind.DIAGNOSTIC,),
        (StudyDesign.CASE_CONTROL, StudyDesign.NON_RANDOMISED_TRIAL, StudyDesign.CASE_SERIES),
        _LOW,
        "Known patients were compared with healthy people, or with no one. This makes the test look better than it is.",
        sources.OURS,
    ),
    StartingPoint(
        (ClaimKind.PREVALENCE,),
        (StudyDesign.CROSS_SECTIONAL, StudyDesign.COHORT, *_REVIEW),
        _HIGH,
        "Prevalence is measured in a sample of the population; it does not require assigning people to groups.",
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
        "The participants were selected, so the proportion does not represent a population.",
        sources.OURS,
    ),
    StartingPoint(
        (ClaimKind.ANIMAL_TRANSFER,),
        (*_ANIMAL, *_REVIEW),
        _HIGH,
        "A controlled experiment in the species the claim is about.",
        sources.HOOIJMANS_2018,
        randomised=True,
    ),
    StartingPoint(
        (ClaimKind.ANIMAL_TRANSFER,),
        (*_RANDOMISED, *_OBSERVATIONAL, *_IN_VITRO),
        _LOW,
        "Nothing was transferred to animals, so the claim was not tested.",
        sources.OURS,
    ),
    StartingPoint(
        (ClaimKind.MECHANISM,),
        (*_RANDOMISED, *_ANIMAL),
        _HIGH,
        "A controlled experiment: the researchers changed the cause before they measured the effect.",
        sources.by_analogy(sources.HOOIJMANS_2018),
        randomised=True,
    ),
    StartingPoint(
        (ClaimKind.MECHANISM,),
        (*_OBSERVATIONAL, *_REVIEW, *_IN_VITRO),
        _LOW,
        "Observing two things together, or in cells only, does not show what causes what in the body.",
        sources.OURS,
    ),
    StartingPoint(
        (ClaimKind.ASSOCIATION, ClaimKind.DOSE_RESPONSE, ClaimKind.TREATMENT),
        _ANIMAL,
        _HIGH,
        "A controlled experiment starts at high; that it was not done in people is rated under indirectness.",
        sources.HOOIJMANS_2018,
        randomised=True,
        translated=True,
    ),
    StartingPoint(
        (ClaimKind.DIAGNOSTIC, ClaimKind.PROGNOSTIC, ClaimKind.PREVALENCE),
        _ANIMAL,
        _VERY_LOW,
        "An animal experiment cannot show how common something is in people, how well a test works in them, or "
        "how their condition will develop.",
        sources.OURS,
    ),
    StartingPoint(
        _ABOUT_PEOPLE,
        _IN_VITRO,
        _VERY_LOW,
        "Experiments with cells and molecules can suggest an answer about people, but cannot show it.",
        sources.OURS,
    ),
    StartingPoint(
        tuple(ClaimKind),
        _OPINION,
        _VERY_LOW,
        "Reviews, opinions and news reports contain no data of their own.",
        sources.OURS,
    ),
)

_UNKNOWN = StartingPoint(
    tuple(ClaimKind),
    (),
    _VERY_LOW,
    "The study designs are not recorded. Record them to get the right starting level.",
    sources.OURS,
)


@dataclass(frozen=True)
class BodyStart:
    """The starting point of a body of evidence: the leading row, its designs, and the other designs."""

    point: StartingPoint
    designs: tuple[StudyDesign, ...] = ()
    beside: tuple[StudyDesign, ...] = ()

    @property
    def level(self) -> EvidenceLevel:
        """The starting level."""
        return self.point.level

    @property
    def may_rate_up(self) -> bool:
        """Whether the evidence can be rated up: only if it is not randomised (GRADE 9)."""
        return not self.point.randomised

    @property
    def reason(self) -> str:
        """The reason for the starting level, in one or two sentences."""
        text = self.point.reason
        if self.designs:
            first = text[0] if text[1].isupper() else text[0].lower()  # ROBINS-E keeps its capitals
            text = f"{_listed(self.designs).capitalize()}: {first}{text[1:]}"
        if self.beside:
            text += f" Other designs ({_listed(self.beside)}) are considered in the steps below."
        return text


def starting_point(
    kind: ClaimKind, design: StudyDesign | None, tool: RiskOfBiasTool | None = None
) -> StartingPoint:
    """Return the starting point of evidence of one `design` for a claim of this `kind`.

    `tool` is the tool with which the risk of bias is judged; ROBINS-I and ROBINS-E change the starting
    level of non-randomised studies. A design that is not recorded starts at very low.
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
    """Return the starting point of a body of evidence of several `designs`: that of the best of them.

    GRADE rates the body of evidence of each design separately and uses the one with the highest certainty
    (GRADE guidelines 3); the other designs are considered under the domains. Animal experiments never lead
    where people were studied: an experiment with mice must not raise the certainty of evidence from people.
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
    """Yield the primary study designs that start above `than` for a claim of this kind, in the right species."""
    for design in StudyDesign:
        point = starting_point(kind, design)
        if design not in _REVIEW and not point.translated and point.level.rank > than.rank:
            yield design


def _order(design: StudyDesign) -> int:
    return list(StudyDesign).index(design)


def _listed(designs: Collection[StudyDesign]) -> str:
    return ", ".join(design.label.lower() for design in designs)
