"""The papers that the rules are taken from, as they are cited in the program."""

GRADE_3 = "Balshem et al., GRADE guidelines 3, J Clin Epidemiol 2011;64:401–6"
GRADE_4 = "Guyatt et al., GRADE guidelines 4 (risk of bias), J Clin Epidemiol 2011;64:407–15"
GRADE_5 = "Guyatt et al., GRADE guidelines 5 (publication bias), J Clin Epidemiol 2011;64:1277–82"
GRADE_6 = "Guyatt et al., GRADE guidelines 6 (imprecision), J Clin Epidemiol 2011;64:1283–93"
GRADE_7 = "Guyatt et al., GRADE guidelines 7 (inconsistency), J Clin Epidemiol 2011;64:1294–302"
GRADE_8 = "Guyatt et al., GRADE guidelines 8 (indirectness), J Clin Epidemiol 2011;64:1303–10"
GRADE_9 = "Guyatt et al., GRADE guidelines 9 (rating up), J Clin Epidemiol 2011;64:1311–6"
GRADE_18 = "Schünemann et al., GRADE guidelines 18 (ROBINS-I), J Clin Epidemiol 2019;111:105–14"
GRADE_21 = "Schünemann et al., GRADE guidelines 21 (test accuracy), J Clin Epidemiol 2020;122:129–41"
GRADE_26 = "Santesso et al., GRADE guidelines 26 (wording), J Clin Epidemiol 2020;119:126–35"
GRADE_28 = "Foroutan et al., GRADE guidelines 28 (prognostic factors), J Clin Epidemiol 2020;121:62–70"
GRADE_34 = "Zeng et al., GRADE guidance 34 (imprecision), J Clin Epidemiol 2022;150:216–24"
MORGAN_2019 = "Morgan et al. (risk of bias of exposure studies in GRADE), Environ Int 2019;122:168–84"
IORIO_2015 = "Iorio et al. (GRADE for prognosis), BMJ 2015;350:h870"
HOOIJMANS_2018 = "Hooijmans et al. (GRADE for animal studies), PLoS One 2018;13:e0187271"
OCEBM_2011 = "OCEBM Levels of Evidence Working Group, The Oxford 2011 Levels of Evidence"
COCHRANE_12 = (
    "Cochrane Handbook for Systematic Reviews of Interventions, section 12.2.1.3 (direction of effect)"
)
HOOGENDOORN_2000 = "Hoogendoorn et al. (consistent findings), Spine 2000;25:2114–25"
COCHRANE_10 = "Cochrane Handbook for Systematic Reviews of Interventions, section 10.10.2"
OURS = "Rule of this program: no GRADE paper covers this case, so the starting level is cautious"


def by_analogy(source: str) -> str:
    """Return the citation of a paper about another question whose rule is applied by analogy."""
    return f"By analogy with {source}"
