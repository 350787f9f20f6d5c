"""The process's peak memory, where the system tells it."""

from __future__ import annotations

import sys


def peak_memory() -> float | None:
    """Largest resident size so far, MiB; None where the system does not tell."""
    if sys.platform == "win32":
        return _windows_peak()
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024**2 if sys.platform == "darwin" else 1024), 1)  # macOS counts bytes, Linux KiB


if sys.platform == "win32":

    def _windows_peak() -> float | None:
        """PeakWorkingSetSize of GetProcessMemoryInfo (psapi.h)."""
        import ctypes
        from ctypes import wintypes

        class Counters(ctypes.Structure):
            _fields_ = [
                ("cb", wintypes.DWORD),
                ("PageFaultCount", wintypes.DWORD),
                *((name, ctypes.c_size_t) for name in ("PeakWorkingSetSize", "WorkingSetSize")),
                *((f"Quota{name}PoolUsage", ctypes.c_size_t) for name in ("PeakPaged", "Paged")),
                *((f"Quota{name}PoolUsage", ctypes.c_size_t) for name in ("PeakNonPaged", "NonPaged")),
                *((name, ctypes.c_size_t) for name in ("PagefileUsage", "PeakPagefileUsage")),
            ]

        counters = Counters(cb=ctypes.sizeof(Counters))
        this_process = wintypes.HANDLE(-1)
        known = ctypes.WinDLL("psapi").GetProcessMemoryInfo(this_process, ctypes.byref(counters), counters.cb)
        return round(counters.PeakWorkingSetSize / 1024**2, 1) if known else None
