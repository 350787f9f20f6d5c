"""Independent random streams from one seed."""

from __future__ import annotations

import numpy as np
import torch


def stream(*numbers: int) -> torch.Generator:
    """A generator for these numbers, in this order: a seed, then what tells one use of it from another.

    torch keeps only the low 32 bits of a CPU seed, so that adding or shifting numbers by hand can give two uses the
    same stream.
    """
    return torch.Generator().manual_seed(int(np.random.SeedSequence([len(numbers), *numbers]).generate_state(1)[0]))
