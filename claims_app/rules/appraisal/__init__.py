"""How the evidence level of a claim is derived, as pure functions without database or web.

A methodologist can review this folder on its own. `sources` lists the papers; `study_level` is OCEBM
2011; `starting`, `domains` and `level` are GRADE; `body` is the evidence that an appraisal considers;
`judgement` derives the level from an appraiser's choices; `advice` suggests a choice for each domain
from the stored evidence, and never decides; `phrasing` and `upgrade_hints` explain the result in plain
language.
"""
