"""numba's compiler, with its cache where one can be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def compiled(**options: Any) -> Callable[[Callable], Callable[..., Any]]:
    """numba.njit(cache=True, ...); without the cache where neither the package nor a user's cache folder is
    writable."""
    import numba

    def decorate(function: Callable) -> Callable[..., Any]:
        try:
            return numba.njit(cache=True, **options)(function)
        except RuntimeError:
            return numba.njit(**options)(function)

    return decorate
