"""Shared by all services: errors, permissions, finding and saving records, and reading lists."""
