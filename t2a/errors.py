"""Errors that a user can act on: one sentence that says what was wrong, what is allowed and what to do."""

from __future__ import annotations


class UserError(ValueError):
    """Bad input. Command lines print the message alone and exit with code 2."""


class EmptyScene(UserError):
    """Nothing has formed that could become a mesh; another seed or prompt may do better."""


class MissingExtra(UserError, ImportError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str):
        super().__init__(f"{package} is not installed; run: pip install 't2a[{extra}]'")


class Cancelled(Exception):
    """The caller stopped the job; checkpoints written so far stay."""
