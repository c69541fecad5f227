"""One claim, whole, for programs: as JSON-LD, as a nanopublication and as resources of HL7 FHIR.

`whole` is what all of them are made from; nothing of it can say what is claimed without how certain that is.
"""
