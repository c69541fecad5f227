"""Forms on their way: saved once however often they arrive, and kept as drafts until then."""
