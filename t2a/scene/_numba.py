"""How this package compiles its CPU kernels: numba, cached on disk, one launch at a time.

Kernels are written so that no two threads ever write the same number: their results do not depend on the number of
threads.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from typing import Any, Literal

import torch

from t2a.compiled import compiled
from t2a.errors import UserError

Backend = Literal["auto", "numba", "torch"]

# Sums may be reordered and fused; NaN and infinity keep their meaning.
FAST = {"contract", "reassoc", "arcp", "nsz"}

# Some of numba's threading layers abort the process when two Python threads launch kernels at once.
_launch = threading.Lock()


def use_numba(backend: Backend, *tensors: torch.Tensor) -> bool:
    """Whether the compiled CPU path runs: on request, or by itself where numba is installed and the data is fp32 on the
    CPU."""
    if backend == "torch":
        return False
    fits = all(x.device.type == "cpu" and x.dtype in (torch.float32, torch.bool) for x in tensors)
    if backend == "auto":
        return fits and importlib.util.find_spec("numba") is not None
    if backend != "numba":
        raise UserError(f"backend is {backend!r}; choose auto, numba or torch")
    if not fits:
        raise UserError("backend='numba' needs float32 tensors on the CPU; use backend='auto' or 'torch'")
    return True


def kernel(function: Callable) -> Callable[..., Any]:
    """Compile a parallel kernel with the liberties of FAST."""
    return _compile(function, FAST)


def exact_kernel(function: Callable) -> Callable[..., Any]:
    """Compile a parallel kernel that rounds exactly as written, for decisions that a torch twin must repeat."""
    return _compile(function, False)


def _compile(function: Callable, fastmath) -> Callable[..., Any]:
    import numba

    threads: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
    machine_code = compiled(parallel=True, fastmath=fastmath, error_model="numpy", nogil=True)(function)

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
