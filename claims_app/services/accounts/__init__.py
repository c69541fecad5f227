"""Accounts: users, passwords, sessions, password reset links, API tokens, ORCID sign-in, throttling and mail."""
