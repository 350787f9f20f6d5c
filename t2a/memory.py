"""The process's peak memory, where the system tells it."""

from __future__ import annotations

import sys


def peak_memory() -> float | None:
    """Largest resident size so far, MiB; None where it is not known without another package (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024**2 if sys.platform == "darwin" else 1024), 1)  # macOS counts bytes, Linux KiB
