"""Values that change during a run: a number, or [from, to, begin, end] with begin and end as shares of the run."""

from __future__ import annotations

from t2a.errors import UserError

Schedule = float | tuple[float, float, float, float]


def value_at(schedule: Schedule, progress: float) -> float:
    """Linear between `begin` and `end`, constant outside; `progress` in [0, 1]."""
    if isinstance(schedule, (int, float)):
        return float(schedule)
    first, last, begin, end = schedule
    if progress <= begin:
        return first
    if progress >= end:
        return last
    return first + (last - first) * (progress - begin) / (end - begin)


def peak(schedule: Schedule) -> float:
    """The largest value that it takes."""
    return float(schedule) if isinstance(schedule, (int, float)) else max(schedule[:2])


def check_schedule(value: object, name: str) -> Schedule:
    """`value` as a schedule; raises UserError for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if (
        isinstance(value, (list, tuple))
        and len(value) == 4
        and all(isinstance(v, (int, float)) for v in value)
        and 0 <= value[2] <= value[3] <= 1
    ):
        return tuple(float(v) for v in value)  # type: ignore[return-value]
    raise UserError(f"{name} is {value!r}; it must be a number or [from, to, begin, end] with 0 <= begin <= end <= 1")
