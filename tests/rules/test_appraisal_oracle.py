"""Appraisals against an oracle: tables copied by hand from the papers, and a ladder climbed rung by rung.

Nothing here is copied from the rules under test. Where the papers are silent or disagree, the tables contain
the decision of this project, and a comment says so.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_app.rules.appraisal.level import Vector, computed_level, refusals
from claims_app.rules.appraisal.starting import starting_point
from claims_app.rules.appraisal.study_level import study_level
from claims_app.vocabulary import CertaintyDomain, ClaimKind, EvidenceLevel, RiskOfBiasTool, StudyDesign

Moves = tuple[int, ...]
Tool = RiskOfBiasTool | None

TOOLS: tuple[Tool, ...] = (None, *RiskOfBiasTool)
WITHOUT_DATA = "narrative_review expert_opinion news_report"

# Where a body of evidence starts, without a tool that judges confounding. Every design is listed once under each
# kind, which a test checks. GRADE rates interventions, prognosis, test accuracy and animal experiments; the
# other kinds are decided by analogy. Those without data of their own start very low by decision.
STARTS = {
    # Balshem 2011, GRADE guidelines 3, J Clin Epidemiol 64:401-6: trials high, observational studies low.
    "treatment": {
        "high": "randomised_trial systematic_review animal_experiment",
        "low": "non_randomised_trial cohort case_control cross_sectional case_series",
        "very_low": f"in_vitro {WITHOUT_DATA}",
    },
    # By analogy with interventions: Morgan 2019, Environ Int 122:168-84.
    "association": {
        "high": "randomised_trial animal_experiment",
        "low": "systematic_review non_randomised_trial cohort case_control cross_sectional case_series",
        "very_low": f"in_vitro {WITHOUT_DATA}",
    },
    "dose_response": {
        "high": "randomised_trial animal_experiment",
        "low": "systematic_review non_randomised_trial cohort case_control cross_sectional case_series",
        "very_low": f"in_vitro {WITHOUT_DATA}",
    },
    # Iorio 2015, BMJ 350:h870; Foroutan 2020, GRADE guidelines 28, J Clin Epidemiol 121:62-70: a body of
    # observational evidence, patients of trials included, starts high. Those who are not followed: decided.
    "prognostic": {
        "high": "cohort randomised_trial non_randomised_trial systematic_review",
        "low": "case_control cross_sectional case_series",
        "very_low": f"animal_experiment in_vitro {WITHOUT_DATA}",
    },
    # Schünemann 2008, BMJ 336:1106-10; Schünemann 2020, GRADE guidelines 21, J Clin Epidemiol 122:129-41:
    # cross-sectional and cohort studies of people in doubt start high. Two-gate designs low: decided.
    "diagnostic": {
        "high": "cross_sectional cohort randomised_trial systematic_review",
        "low": "case_control non_randomised_trial case_series",
        "very_low": f"animal_experiment in_vitro {WITHOUT_DATA}",
    },
    # GRADE has published nothing for prevalence; by analogy with Iorio 2015, selected participants low.
    "prevalence": {
        "high": "cross_sectional cohort systematic_review",
        "low": "case_control case_series randomised_trial non_randomised_trial",
        "very_low": f"animal_experiment in_vitro {WITHOUT_DATA}",
    },
    # Hooijmans 2018, PLoS One 13:e0187271: experiments with animals start high; that they are
    # not in people is rated under indirectness.
    "animal_transfer": {
        "high": "animal_experiment systematic_review",
        "low": "randomised_trial non_randomised_trial cohort case_control cross_sectional case_series in_vitro",
        "very_low": WITHOUT_DATA,
    },
    # No paper: experiments high, all other data low.
    "mechanism": {
        "high": "randomised_trial animal_experiment",
        "low": "non_randomised_trial cohort case_control cross_sectional case_series systematic_review in_vitro",
        "very_low": WITHOUT_DATA,
    },
}

# What starts high once it is compared with a target trial. Schünemann 2019, GRADE guidelines 18, J Clin
# Epidemiol 111:105-14 (ROBINS-I); Morgan 2019, Environ Int 122:168-84 (exposures).
HIGH_WITH_TOOL = {
    ("treatment", "robins_i"): "non_randomised_trial cohort case_control",
    ("association", "robins_e"): "non_randomised_trial cohort case_control cross_sectional",
    ("dose_response", "robins_e"): "non_randomised_trial cohort case_control cross_sectional",
}

# OCEBM Levels of Evidence Working Group, The Oxford 2011 Levels of Evidence. Whether a cohort was an inception
# cohort, or a sample random and local, is not recorded, so the cautious level is used.
QUESTIONS = {
    "prevalence": "How common is the problem?",
    "diagnostic": "Is this diagnostic or monitoring test accurate?",
    "prognostic": "What will happen if we do not add a therapy?",
    "treatment": "Does this intervention help?",
}
HUMAN = "randomised_trial non_randomised_trial cohort case_control cross_sectional case_series"
NO_QUESTION = {5: "animal_experiment in_vitro", None: f"systematic_review {HUMAN} {WITHOUT_DATA}"}
STUDY_LEVELS: dict[str, dict[int | None, str]] = {
    "treatment": {
        1: "systematic_review",
        2: "randomised_trial",
        3: "non_randomised_trial cohort",
        4: "case_control cross_sectional case_series",
        5: "animal_experiment in_vitro",
        None: WITHOUT_DATA,
    },
    "diagnostic": {
        1: "systematic_review",
        2: "cross_sectional cohort randomised_trial",
        3: "non_randomised_trial",
        4: "case_control case_series",
        5: "animal_experiment in_vitro",
        None: WITHOUT_DATA,
    },
    # The table says "n/a" where mechanism-based reasoning would be level 5.
    "prognostic": {
        1: "systematic_review",
        3: "cohort randomised_trial non_randomised_trial",
        4: "case_control case_series cross_sectional",
        None: f"animal_experiment in_vitro {WITHOUT_DATA}",
    },
    "prevalence": {
        2: "systematic_review",
        3: "cross_sectional cohort",
        4: "case_control case_series randomised_trial non_randomised_trial",
        None: f"animal_experiment in_vitro {WITHOUT_DATA}",
    },
    "association": NO_QUESTION,
    "dose_response": NO_QUESTION,
    "mechanism": NO_QUESTION,
    "animal_transfer": NO_QUESTION,
}

# How far each domain may move. GRADE guidelines 4 (risk of bias), 5 (publication bias), 6 (imprecision),
# 7 (inconsistency), 8 (indirectness), 9 (rating up), J Clin Epidemiol 2011, volume 64. Three levels for
# imprecision: Zeng 2022 and Schünemann 2022, GRADE guidance 34 and 35, J Clin Epidemiol 150:216-24, 225-42.
DOWN: dict[str, Moves] = {
    "risk_of_bias": (0, -1, -2),
    "inconsistency": (0, -1, -2),
    "indirectness": (0, -1, -2),
    "imprecision": (0, -1, -2, -3),
    "publication_bias": (0, -1, -2),
}
UP: dict[str, Moves] = {
    "large_effect": (0, 1, 2),
    "dose_response_gradient": (0, 1),
    "opposing_confounding": (0, 1),
}
# GRADE guidelines 18: compared with a target trial, risk of bias may lower the certainty by three levels. Opposing
# residual confounding may still raise it.
AGAINST_TARGET_TRIAL: dict[str, Moves] = {"risk_of_bias": (0, -1, -2, -3)}

NAMES = (*DOWN, *UP)
DOMAINS = tuple(CertaintyDomain.of(name) for name in NAMES)
RUNGS = ("very_low", "low", "moderate", "high")
# The lowest and the highest rung are repeated often enough, because changes are added up before the limits apply.
LADDER = ("very_low",) * 60 + RUNGS + ("high",) * 60


@cache
def climbed(start: str, steps_down: int, steps_up: int) -> EvidenceLevel:
    """Return the level after going down and up, one rung at a time."""
    rung = 60 + RUNGS.index(start)
    for _ in range(steps_down):
        rung -= 1
    for _ in range(steps_up):
        rung += 1
    return EvidenceLevel.of(LADDER[rung])


@cache
def permitted(name: str, tool: Tool) -> Moves:
    """Return the permitted changes of a domain if risk of bias was judged with `tool`."""
    if tool in ("robins_i", "robins_e") and name in AGAINST_TARGET_TRIAL:
        return AGAINST_TARGET_TRIAL[name]
    return {**DOWN, **UP}[name]


def expected(start: str, moves: Moves, *, may_rate_up: bool, tool: Tool, reason: str | None) -> object:
    """Return the expected level, or None if the changes must be refused."""
    if any(move not in permitted(name, tool) for name, move in zip(NAMES, moves, strict=True)):
        return None
    down, up = -sum(moves[:5]), sum(moves[5:])
    if up and (not may_rate_up or (down and not (reason or "").strip())):
        return None
    return climbed(start, down, up)


def computed(vector: Vector) -> object:
    """Return the level that the rules compute, or None if they refuse."""
    try:
        return computed_level(vector)
    except ValueError:
        return None


def vector(
    moves: Moves,
    *,
    start: str = "low",
    may_rate_up: bool = True,
    tool: Tool = None,
    reason: str | None = "The effect is seen in spite of the bias.",
) -> Vector:
    """Return a vector with `moves` in the order of `NAMES`."""
    named = dict(zip(DOMAINS, moves, strict=True))
    return Vector(EvidenceLevel.of(start), named, may_rate_up, tool, reason)


def one_move(name: str, move: int) -> Moves:
    """Return changes of which only one is not zero."""
    return tuple(move if other == name else 0 for other in NAMES)


def unfolded(table: dict[str, dict]) -> dict[tuple[str, str], object]:
    """Return a table of names by value as values by kind and design. Fails if a design is listed twice."""
    cells: dict[tuple[str, str], object] = {}
    for kind, row in table.items():
        for value, designs in row.items():
            for design in designs.split():
                assert (kind, design) not in cells, (kind, design)
                cells[kind, design] = value
    return cells


START_CELLS = unfolded(STARTS)
LEVEL_CELLS = unfolded(STUDY_LEVELS)
CELLS = sorted(product(ClaimKind.values(), StudyDesign.values()))


def expected_start(kind: str, design: str, tool: Tool) -> object:
    """Return the starting level from the tables above."""
    if design in HIGH_WITH_TOOL.get((kind, str(tool)), "").split():
        return "high"
    return START_CELLS[kind, design]


# The tables themselves


def test_the_tables_list_every_kind_and_design_once() -> None:
    assert sorted(START_CELLS) == sorted(LEVEL_CELLS) == CELLS
    assert sorted(NAMES) == sorted(CertaintyDomain.values())


# The starting level of an appraisal


@pytest.mark.parametrize("kind", ClaimKind.values())
def test_kind_design_and_tool_decide_the_starting_level(kind: str) -> None:
    wanted, found = {}, {}
    for design, tool in product(StudyDesign, TOOLS):
        wanted[str(design), tool] = expected_start(kind, design, tool)
        found[str(design), tool] = starting_point(ClaimKind.of(kind), design, tool).level
    assert found == wanted


def test_every_starting_level_has_a_reason_and_a_source() -> None:
    for kind, design, tool in product(ClaimKind, StudyDesign, TOOLS):
        start = starting_point(kind, design, tool)
        assert start.reason.strip(), (kind, design, tool)
        assert start.source.strip(), (kind, design, tool)


# No GRADE paper covers these kinds: rules are cited as analogies or as our own.
NOT_IN_GRADE = {
    "association": ("cohort", "By analogy"),
    "dose_response": ("systematic_review", "By analogy"),
    "prevalence": ("cross_sectional", "By analogy"),
    "mechanism": ("animal_experiment", "By analogy"),
    "prognostic": ("case_control", "Rule of this program"),
    "diagnostic": ("case_control", "Rule of this program"),
}


@pytest.mark.parametrize("kind", NOT_IN_GRADE)
def test_no_paper_is_cited_for_what_it_does_not_say(kind: str) -> None:
    design, begins = NOT_IN_GRADE[kind]
    assert starting_point(ClaimKind.of(kind), StudyDesign.of(design)).source.startswith(begins)


@pytest.mark.parametrize("kind", ["association", "dose_response", "mechanism", "treatment"])
def test_a_randomised_trial_of_what_the_claim_compares_is_randomised_evidence(kind: str) -> None:
    assert starting_point(ClaimKind.of(kind), StudyDesign.RANDOMISED_TRIAL, None).randomised is True


def test_no_observational_study_is_randomised_evidence_with_any_tool() -> None:
    designs = [StudyDesign.of(name) for name in HUMAN.split() if name != "randomised_trial"]
    for kind, design, tool in product(ClaimKind, designs, TOOLS):
        assert starting_point(kind, design, tool).randomised is False, (kind, design, tool)


# The level of one study


@pytest.mark.parametrize("kind", ClaimKind.values())
def test_kind_and_design_decide_the_level_of_a_study(kind: str) -> None:
    wanted = {str(design): LEVEL_CELLS[kind, design] for design in StudyDesign}
    assert {str(d): study_level(ClaimKind.of(kind), d).level for d in StudyDesign} == wanted


@pytest.mark.parametrize("kind", ClaimKind)
def test_a_study_without_a_design_has_no_level(kind: ClaimKind) -> None:
    unknown = study_level(kind, None)
    assert unknown.level is None
    assert unknown.reason.strip()


@pytest.mark.parametrize(("kind", "question"), QUESTIONS.items())
def test_a_level_names_its_question(kind: str, question: str) -> None:
    levels = [study_level(ClaimKind.of(kind), design) for design in StudyDesign]
    assert {level.question for level in levels if level.level is not None} == {question}


@pytest.mark.parametrize("kind", sorted(set(ClaimKind) - set(QUESTIONS)))
def test_kinds_without_an_ocebm_question_have_none(kind: ClaimKind) -> None:
    assert {study_level(kind, design).question for design in (*StudyDesign, None)} == {None}
    for name in HUMAN.split():
        assert "OCEBM" in study_level(kind, StudyDesign.of(name)).reason, name


def test_every_study_level_has_a_reason() -> None:
    for kind, design in product(ClaimKind, StudyDesign):
        assert study_level(kind, design).reason.strip(), (kind, design)


# From the start to the level

PERMITTING_TOOLS: tuple[Tool, ...] = (None, RiskOfBiasTool.ROBINS_I, RiskOfBiasTool.ROBINS_E)
# Every start that some kind and design reach; the other tools change nothing, which a test below checks.
BODIES = sorted(
    {(expected_start(*cell, tool), tool) for cell, tool in product(CELLS, PERMITTING_TOOLS)}, key=str
)
# The changes of all tools together, so that each tool is also tested with changes that only others permit.
ALL_MOVES = tuple(
    product(*(sorted({move for tool in PERMITTING_TOOLS for move in permitted(n, tool)}) for n in NAMES))
)


def situations(moves: Moves) -> Iterator[tuple[bool, str | None]]:
    """Yield whether rating up is allowed, and the reason for it, as far as that can matter to `moves`."""
    yield True, None
    yield False, "It is large."
    if any(moves[:5]) and any(moves[5:]):
        yield True, "It is large."


@pytest.mark.parametrize(("start", "tool"), BODIES)
def test_every_vector_gives_the_level_of_the_ladder(start: str, tool: Tool) -> None:
    level = EvidenceLevel.of(start)
    for moves in ALL_MOVES:
        named = dict(zip(DOMAINS, moves, strict=True))
        for may_rate_up, reason in situations(moves):
            wanted = expected(start, moves, may_rate_up=may_rate_up, tool=tool, reason=reason)
            found = computed(Vector(level, named, may_rate_up, tool, reason))
            assert found is wanted, (moves, may_rate_up, reason)


def test_a_start_at_moderate_follows_the_same_ladder() -> None:
    for moves in ALL_MOVES:
        wanted = expected("moderate", moves, may_rate_up=True, tool=None, reason="It is large.")
        assert computed(vector(moves, start="moderate")) is wanted, moves


def test_the_other_tools_change_nothing() -> None:
    corners = list(product(*((0, min(DOWN[n])) for n in DOWN), *((0, max(UP[n])) for n in UP)))
    for tool in set(RiskOfBiasTool) - set(PERMITTING_TOOLS):
        for moves, start in product(corners, RUNGS):
            assert computed(vector(moves, start=start, tool=tool)) is climbed(
                start, -sum(moves[:5]), sum(moves[5:])
            ), (tool, moves)


@pytest.mark.parametrize(
    ("start", "moves", "level"),
    [
        ("high", {}, "high"),
        ("high", {"risk_of_bias": -1}, "moderate"),
        ("high", {"risk_of_bias": -1, "indirectness": -1}, "low"),
        ("high", {"imprecision": -3}, "very_low"),
        ("high", {"imprecision": -2, "inconsistency": -2}, "very_low"),
        ("high", {"large_effect": 2}, "high"),
        ("low", {"large_effect": 1}, "moderate"),
        ("low", {"large_effect": 2}, "high"),
        ("low", {"large_effect": 2, "dose_response_gradient": 1, "opposing_confounding": 1}, "high"),
        ("low", {"publication_bias": -2}, "very_low"),
        ("very_low", {"dose_response_gradient": 1}, "low"),
        # Moves are summed before the limits: a step below the floor must be climbed back.
        ("very_low", {"imprecision": -1, "large_effect": 2}, "low"),
        ("very_low", {"imprecision": -3, "large_effect": 2}, "very_low"),
        ("high", {"imprecision": -1, "large_effect": 1}, "high"),
        ("high", {"imprecision": -1, "large_effect": 2}, "high"),
    ],
)
def test_worked_examples(start: str, moves: dict[str, int], level: str) -> None:
    assert computed_level(vector(tuple(moves.get(name, 0) for name in NAMES), start=start)) == level


# What is refused


@pytest.mark.parametrize("tool", TOOLS)
def test_an_impossible_change_is_refused_at_its_domain(tool: Tool) -> None:
    for name, move in product(NAMES, range(-6, 7)):
        found = refusals(vector(one_move(name, move), tool=tool))
        assert set(found) == (set() if move in permitted(name, tool) else {name}), (name, move)
        assert all(text.strip() for texts in found.values() for text in texts)
        assert all(found.values())


@pytest.mark.parametrize("tool", PERMITTING_TOOLS)
def test_one_impossible_change_among_others_is_named(tool: Tool) -> None:
    far = {name: sorted(permitted(name, tool), key=abs)[-1] for name in NAMES}
    for bad, move in product(NAMES, (-4, -3, -1, 1, 2, 3)):
        if move in permitted(bad, tool):
            continue
        for moves in product(*((move,) if name == bad else {0, far[name]} for name in NAMES)):
            spoilt = vector(moves, tool=tool)
            assert bad in refusals(spoilt), moves
            assert computed(spoilt) is None, moves


@pytest.mark.parametrize("name", UP)
def test_randomised_evidence_is_never_rated_up(name: str) -> None:
    for start in RUNGS:
        refused = vector(one_move(name, 1), start=start, may_rate_up=False)
        assert set(refusals(refused)) == {name}
        with pytest.raises(ValueError, match=r"\S"):
            computed_level(refused)


@pytest.mark.parametrize("reason", [None, "", "  \n"])
def test_rating_up_what_was_rated_down_needs_a_reason(reason: str | None) -> None:
    for down, up in product(DOWN, UP):
        both = tuple({down: -1, up: 1}.get(name, 0) for name in NAMES)
        assert set(refusals(vector(both, reason=reason))) == {"rate_up_reason"}, (down, up)
        assert refusals(vector(both)) == {}, (down, up)


def test_rating_up_alone_or_down_alone_needs_no_reason() -> None:
    for moves in product(*DOWN.values()):
        assert refusals(vector((*moves, 0, 0, 0), reason=None)) == {}
    for moves in product(*UP.values()):
        assert refusals(vector((0, 0, 0, 0, 0, *moves), reason=None)) == {}


# Properties

any_tool = st.sampled_from(TOOLS)
any_start = st.sampled_from(RUNGS)
any_reason = st.none() | st.sampled_from(["", " ", "It is large."])


def permitted_moves(tool: Tool) -> st.SearchStrategy[Moves]:
    """Return moves that `tool` permits."""
    return st.tuples(*(st.sampled_from(permitted(name, tool)) for name in NAMES))


any_permitted = any_tool.flatmap(lambda tool: st.tuples(st.just(tool), permitted_moves(tool)))


@settings(deadline=None)
@given(any_start, st.tuples(*(st.integers(-5, 5) for _ in NAMES)), st.booleans(), any_tool, any_reason)
def test_any_numbers_are_computed_or_refused_like_the_oracle(
    start: str, moves: Moves, may_rate_up: bool, tool: Tool, reason: str | None
) -> None:
    given_vector = vector(moves, start=start, may_rate_up=may_rate_up, tool=tool, reason=reason)
    wanted = expected(start, moves, may_rate_up=may_rate_up, tool=tool, reason=reason)
    assert computed(given_vector) is wanted
    assert bool(refusals(given_vector)) is (wanted is None)


@settings(deadline=None)
@given(any_start, any_permitted)
def test_a_level_is_between_very_low_and_high(start: str, body: tuple[Tool, Moves]) -> None:
    tool, moves = body
    assert computed_level(vector(moves, start=start, tool=tool)) in RUNGS


@settings(deadline=None)
@given(any_start, any_permitted, st.sampled_from(NAMES))
def test_a_larger_downgrade_never_raises_the_level(start: str, body: tuple[Tool, Moves], name: str) -> None:
    tool, moves = body
    place = NAMES.index(name)
    heights = []
    for move in sorted(permitted(name, tool)):
        moved = (*moves[:place], move, *moves[place + 1 :])
        heights.append(RUNGS.index(computed_level(vector(moved, start=start, tool=tool))))
    assert heights == sorted(heights)


@settings(deadline=None)
@given(any_permitted)
def test_a_higher_start_never_ends_lower(body: tuple[Tool, Moves]) -> None:
    tool, moves = body
    heights = [RUNGS.index(computed_level(vector(moves, start=start, tool=tool))) for start in RUNGS]
    assert heights == sorted(heights)


@settings(deadline=None)
@given(any_start, any_permitted, st.permutations(range(len(NAMES))))
def test_the_order_of_the_domains_does_not_matter(
    start: str, body: tuple[Tool, Moves], order: list[int]
) -> None:
    tool, moves = body
    first = vector(moves, start=start, tool=tool)
    shuffled = {DOMAINS[place]: moves[place] for place in order}
    again = Vector(EvidenceLevel.of(start), shuffled, True, tool, first.rate_up_reason)
    assert computed_level(first) == computed_level(first) == computed_level(again)
    assert refusals(first) == refusals(again) == {}
