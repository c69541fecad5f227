"""How the evidence level of a claim comes about, as pure functions: no database, no web.

A methodologist can review this folder by itself. `sources` names the papers; `study_level` is OCEBM
2011; `starting`, `domains` and `level` are GRADE; `body` is what an appraisal looks at; `advice`
says what the stored evidence suggests for each domain and never decides; `wording` and `outlook`
put the result in plain words.
"""
