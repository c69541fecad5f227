"""Proofs that take minutes: faults, a cluster, migrations under load, a soak. `report.py` writes their figures down."""
