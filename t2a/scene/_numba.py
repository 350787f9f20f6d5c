"""How this package compiles its CPU kernels: numba, cached on disk, one launch at a time.

Kernels are written so that no two threads ever write the same number: their results do not depend on the number of
threads.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any, Literal

import torch

from t2a.compiled import parallel
from t2a.errors import UserError

Backend = Literal["auto", "numba", "torch"]

# Sums may be reordered and fused; NaN and infinity keep their meaning.
FAST = {"contract", "reassoc", "arcp", "nsz"}


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
    return parallel(fastmath=FAST, error_model="numpy", nogil=True)(function)


def exact_kernel(function: Callable) -> Callable[..., Any]:
    """Compile a parallel kernel that rounds exactly as written, for decisions that a torch twin must repeat."""
    return parallel(fastmath=False, error_model="numpy", nogil=True)(function)
