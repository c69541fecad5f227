"""The conclusion that is proposed to an appraiser, from the balance of independent groups.

A direction prevails if at least three quarters of the conclusive groups found it: the threshold for consistent
findings of best-evidence syntheses (Hoogendoorn et al., Spine 2000;25:2114–25). Counting directions ignores the size
and quality of studies (Cochrane Handbook, 12.2.1.3). So this is a proposal, and a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from claims_app.rules.appraisal.advice.shared import plural
from claims_app.rules.counting import Balance
from claims_app.vocabulary import Conclusion


@dataclass(frozen=True)
class Proposal:
    """A proposed conclusion with the reasons for it, in sentences."""

    conclusion: Conclusion
    sentences: Sequence[str]


def propose(counted: Balance) -> Conclusion:
    """Return the conclusion that the balance of the independent groups suggests.

    Inconclusive groups count for nothing, and a group whose reports contradict each other for no direction. The rule
    is the same for each direction: where support leads to “supported”, as many contradictions lead to “contradicted”.
    """
    directions = {
        Conclusion.SUPPORTED: counted.group_supports,
        Conclusion.CONTRADICTED: counted.group_contradicts,
        Conclusion.NO_EFFECT: counted.group_null,
    }
    decided = sum(directions.values()) + counted.group_divided
    if not decided:
        return Conclusion.UNDECIDED
    prevailing = (conclusion for conclusion, n in directions.items() if n * 4 >= decided * 3)
    return next(prevailing, Conclusion.MIXED)


def proposal(counted: Balance) -> Proposal:
    """Return the proposed conclusion, with the counts that it is based on."""
    decided = counted.group_supports + counted.group_contradicts + counted.group_null + counted.group_divided
    if not decided:
        return Proposal(Conclusion.UNDECIDED, ["No independent group is conclusive."])
    parts = [
        f"{n} {verb if n == 1 else verbs}"
        for n, verb, verbs in (
            (counted.group_supports, "supports the claim", "support the claim"),
            (counted.group_contradicts, "contradicts it", "contradict it"),
            (counted.group_null, "found no effect", "found no effect"),
            (counted.group_divided, "has mixed results", "have mixed results"),
        )
        if n
    ]
    sentences = [f"Of {plural(decided, 'conclusive independent group')}: {', '.join(parts)}."]
    if counted.group_inconclusive:
        sentences.append(
            f"Not counted: {plural(counted.group_inconclusive, 'inconclusive independent group')}."
        )
    if propose(counted) is Conclusion.MIXED:
        sentences.append("No direction has three quarters of the conclusive independent groups.")
    return Proposal(propose(counted), sentences)
