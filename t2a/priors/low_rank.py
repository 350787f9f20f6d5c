"""A network that was trained on from another one, as its differences from that: each matrix's as a product of two thin
ones (their truncated singular value decomposition), so that several models share one large file.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

LEFT, RIGHT, WHOLE = ".left", ".right", ".whole"


def differences(
    before: Mapping[str, Tensor], after: Mapping[str, Tensor], rank: int, dtype: torch.dtype = torch.float16
) -> dict[str, Tensor]:
    """What makes `after` of `before`: for each parameter with two or more dimensions LEFT [out, rank] and RIGHT [rank,
    in], for the others, and those that this would not make smaller or that only `after` has in this shape, WHOLE."""
    kept: dict[str, Tensor] = {}
    for name, value in after.items():
        old = before.get(name)
        if old is None or old.shape != value.shape:
            kept[name + WHOLE] = value.to(dtype)
            continue
        change = (value.float() - old.float()).flatten(1) if value.ndim > 1 else value.float() - old.float()
        if not change.any():
            continue
        if change.ndim < 2 or rank * sum(change.shape) >= change.numel():
            kept[name + WHOLE] = change.reshape(value.shape).to(dtype)
            continue
        left, scale, right = torch.linalg.svd(change, full_matrices=False)
        root = scale[:rank].sqrt()
        kept[name + LEFT] = (left[:, :rank] * root).to(dtype).contiguous()
        kept[name + RIGHT] = (root[:, None] * right[:rank]).to(dtype).contiguous()
    return kept


def changed(before: Mapping[str, Tensor], kept: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`before` with the `differences` that were kept, fp32."""
    after = {name: value.float() for name, value in before.items()}
    for name, value in kept.items():
        if name.endswith(WHOLE):
            name = name.removesuffix(WHOLE)
            old = after.get(name)
            after[name] = value.float() if old is None or old.shape != value.shape else old + value.to(old)
        elif name.endswith(LEFT):
            name = name.removesuffix(LEFT)
            old = after[name]
            after[name] = old + (value.to(old) @ kept[name + RIGHT].to(old)).reshape(old.shape)
    return after
