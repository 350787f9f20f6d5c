"""Several processes that learn as one: each draws its own batches, and all step by the mean of their gradients. Small
models gain far more from a second process than from a second thread.

They exchange through shared memory, not through sockets, which sandboxes and firewalls cut.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.synchronize import Barrier
from typing import Any

import torch
from torch import Tensor, nn

CHUNK = 1 << 24
"""Bytes of each process that lie in the shared memory at a time."""


@dataclass(frozen=True)
class Team:
    rank: int
    size: int
    memory: Tensor
    """[size, CHUNK] bytes, the same in all processes."""
    barrier: Barrier


_team: Team | None = None


def rank() -> int:
    """Which of the training's processes this is; 0 speaks and writes for all."""
    return _team.rank if _team else 0


def processes() -> int:
    """How many of them there are."""
    return _team.size if _team else 1


def gather(values: Tensor) -> Tensor:
    """[n] of each process, at most CHUNK bytes -> [processes, n] on all of them; all must call it."""
    if _team is None:
        return values[None].clone()
    rows = _team.memory.view(values.dtype)[:, : len(values)]
    rows[_team.rank] = values
    _team.barrier.wait()
    everyones = rows.clone()
    _team.barrier.wait()  # nobody may write the next chunk before all have read this one
    return everyones


def everyones(mine: list[Tensor], shapes: list[list[torch.Size]], dtype: torch.dtype) -> list[list[Tensor]]:
    """What each process has made, [process][i] of shape `shapes[process][i]`; all must call it."""
    if _team is None:
        return [mine]
    sizes = [[shape.numel() for shape in theirs] for theirs in shapes]
    flat = torch.zeros(max(map(sum, sizes)), dtype=dtype)
    for place, x in zip(flat.split([*sizes[_team.rank], len(flat) - sum(sizes[_team.rank])]), mine, strict=False):
        place.copy_(x.reshape(-1))
    rows = torch.cat([gather(part) for part in flat.split(CHUNK // flat.element_size())], dim=1)
    return [
        [part.view(shape) for part, shape in zip(row[: sum(size)].split(size), theirs, strict=True)]
        for row, size, theirs in zip(rows, sizes, shapes, strict=True)
    ]


def average_gradients(model: nn.Module) -> None:
    """Replace each gradient by its mean over the processes; all must call it. They are exchanged in bf16: what that
    rounds off is far below the noise of a batch, and half the bytes take half the time."""
    if _team is None:
        return
    parameters = list(model.parameters())
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    flat = torch.cat([p.grad.reshape(-1).bfloat16() for p in parameters if p.grad is not None])
    for part in flat.split(CHUNK // flat.element_size()):
        torch.mean(gather(part), 0, out=part)
    for parameter, mean in zip(parameters, flat.split([p.numel() for p in parameters]), strict=True):
        # Copied, not replaced: the fused optimiser walks parameter and gradient in the order of memory, so both must
        # have the same strides.
        assert parameter.grad is not None
        parameter.grad.copy_(mean.view_as(parameter))


def _follow() -> None:
    """End with the process that began the training, however that one ends."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _work(number: int, size: int, memory: Any, barrier: Barrier, train: Callable[..., Any], args: tuple) -> None:
    global _team
    threading.Thread(target=_follow, daemon=True).start()
    torch.set_num_threads(1)
    _team = Team(number, size, torch.frombuffer(memory, dtype=torch.uint8).view(size, CHUNK), barrier)
    train(*args)


def in_parallel(count: int, train: Callable[..., Any], *args: Any) -> None:
    """Call `train(*args)` in `count` processes of one thread each, a single one being this; raises RuntimeError where
    one of them fails."""
    if count == 1:
        train(*args)
        return
    context = multiprocessing.get_context("spawn")
    memory, barrier = context.RawArray("b", count * CHUNK), context.Barrier(count)
    workers = [context.Process(target=_work, args=(i, count, memory, barrier, train, args)) for i in range(count)]
    for worker in workers:
        worker.start()
    try:
        # Until all have ended, or one has failed: the others would wait for it for ever. Who runs is asked once, or a
        # worker that ends in between could leave a wait for nobody, which has no end.
        while running := [worker for worker in workers if worker.exitcode is None]:
            if any(worker.exitcode for worker in workers):
                break
            wait([worker.sentinel for worker in running])
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a training process failed; what it said is above")
