"""Releases: frozen bundles of all public tables, made from the history, so that each can be made again."""
