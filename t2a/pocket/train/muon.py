"""Muon (Jordan et al. 2024): gradient descent with momentum, in which every matrix's step is made orthogonal, so that
all of its directions are learnt at the same pace.

Steps are scaled to the size of AdamW's (Liu et al. 2025, arXiv:2502.16982, section 2.2), so that learning rates and
weight decay mean the same for both. torch's own Muon refuses the kernels of convolutions, which are most of a UNet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from t2a.pocket.train.parallel import everyones, processes, rank

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
"""Coefficients of the odd quintic that drives singular values towards 1: steep at 0, so that five steps suffice."""
ITERATIONS = 5
SMALLEST = 32
"""Rows or columns below which a matrix is left to AdamW."""


def orthogonal(matrices: Float[Tensor, "n r c"], iterations: int = ITERATIONS) -> Float[Tensor, "n r c"]:
    """Each matrix with its singular values moved to about 1 (0.7 to 1.2), in bf16."""
    a, b, c = NEWTON_SCHULZ
    x = matrices.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(iterations):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


def as_matrix(tensor: Tensor) -> Float[Tensor, "r c"]:
    """One row for each output, its columns in the order in which they lie in memory: which order does not matter to
    what is orthogonal, and so nothing is copied."""
    if tensor.ndim == 4 and tensor.is_contiguous(memory_format=torch.channels_last):
        tensor = tensor.permute(0, 2, 3, 1)
    return tensor.reshape(tensor.shape[0], -1)


def like(matrix: Float[Tensor, "r c"], tensor: Tensor) -> Tensor:
    """`as_matrix` undone, for a matrix that came from a tensor such as this."""
    if tensor.ndim == 4 and tensor.is_contiguous(memory_format=torch.channels_last):
        rows, channels, height, width = tensor.shape
        return matrix.reshape(rows, height, width, channels).permute(0, 3, 1, 2)
    return matrix.reshape(tensor.shape)


def is_matrix(name: str, parameter: nn.Parameter) -> bool:
    """Whether Muon learns it: hidden layers' matrices and kernels, not embeddings (whose rows are learnt one by one)
    nor the first layer."""
    if parameter.ndim < 2 or "embedding" in name or "conv_in" in name:
        return False
    return min(parameter.shape[0], parameter[0].numel()) >= SMALLEST


class Muon(torch.optim.Optimizer):
    """All processes of a training must call `step` with the same gradients; each makes its share of the matrices
    orthogonal."""

    def __init__(
        self, parameters: Iterable[nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.01
    ):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            looks = self._look_ahead(parameters, group["momentum"])
            shares = split([look.numel() * min(look.shape) for look in looks], processes())
            mine = self._orthogonal([looks[i] for i in shares[rank()]])
            found = everyones(mine, [[looks[i].shape for i in share] for share in shares], torch.bfloat16)
            order = [i for share in shares for i in share]
            ways = [way for theirs in found for way in theirs]
            changed = [parameters[i] for i in order]
            torch._foreach_mul_(changed, 1 - group["lr"] * group["weight_decay"])
            scales = [-group["lr"] * 0.2 * max(way.shape) ** 0.5 for way in ways]
            shaped = [like(way.to(p.dtype), p) for way, p in zip(ways, changed, strict=True)]
            torch._foreach_add_(changed, torch._foreach_mul(shaped, scales))

    def _look_ahead(self, parameters: list[Tensor], momentum: float) -> list[Float[Tensor, "r c"]]:
        """Nesterov's gradients, as matrices in the parameters' own order of memory."""
        for p in parameters:
            if not self.state[p]:
                self.state[p]["momentum"] = torch.zeros_like(p)
        gradients = [p.grad for p in parameters if p.grad is not None]
        means = [self.state[p]["momentum"] for p in parameters]
        torch._foreach_lerp_(means, gradients, 1 - momentum)
        looks = torch._foreach_lerp(gradients, means, momentum)
        return [
            as_matrix(torch.empty_like(p).copy_(g) if g.stride() != p.stride() else g)
            for g, p in zip(looks, parameters, strict=True)
        ]

    @staticmethod
    def _orthogonal(looks: list[Tensor]) -> list[Tensor]:
        """Those of one shape at once."""
        alike: dict[torch.Size, list[int]] = defaultdict(list)
        for i, look in enumerate(looks):
            alike[look.shape].append(i)
        out = list(looks)
        for rows in alike.values():
            together = torch.stack([looks[i] for i in rows])
            for i, made in zip(rows, orthogonal(together).to(together.dtype), strict=True):
                out[i] = made
        return out


def split(costs: list[int], parts: int) -> list[list[int]]:
    """Numbers of items in `parts` groups of about the same cost, the same on every process."""
    groups: list[list[int]] = [[] for _ in range(parts)]
    sums = [0] * parts
    for i in sorted(range(len(costs)), key=lambda i: -costs[i]):
        least = sums.index(min(sums))
        groups[least].append(i)
        sums[least] += costs[i]
    return groups
