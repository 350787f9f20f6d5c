"""numba's compiler, with its cache where one can be written, and with threads that leave torch's alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

# Some of numba's threading layers abort the process when two Python threads launch kernels at once.
_launch = threading.Lock()


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


def parallel(**options: Any) -> Callable[[Callable], Callable[..., Any]]:
    """`compiled(parallel=True, ...)`, launched one at a time on as many threads as torch uses. Only Python can call
    it."""
    import numba
    import torch

    threads: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]

    def decorate(function: Callable) -> Callable[..., Any]:
        machine_code = compiled(parallel=True, **options)(function)

        def launch(*arguments):
            with _launch:
                wanted = torch.get_num_threads()
                numba.set_num_threads(min(wanted, threads))
                try:
                    return machine_code(*arguments)
                finally:
                    # When its OpenMP layer starts it tells OpenMP to use all cores, and torch listens to that as well:
                    # beside another busy process the prior's steps then took 25 times as long.
                    if torch.get_num_threads() != wanted:
                        torch.set_num_threads(wanted)

        return launch

    return decorate
