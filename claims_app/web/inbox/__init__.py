"""The inbox: papers waiting for a decision."""
