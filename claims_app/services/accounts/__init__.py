"""What opens an account: passwords, sessions, links for a new password, tokens, ORCID; and what slows guessing down."""
