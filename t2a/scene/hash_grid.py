"""Multiresolution hash encoding (Müller et al. 2022, "Instant Neural Graphics Primitives", section 3).

Level l is a grid of N_l cells a side with features at its vertices, N_l growing geometrically from the base to the
finest resolution. A point reads the 8 vertices around it on every level, blends them trilinearly, and the levels are
concatenated. A level whose vertices fit the table is indexed directly; a finer one is hashed, h(i, j, k) = (i xor
j*2654435761 xor k*805459861) mod T (equation 4). Deviation: vertices lie at multiples of 1/N_l without the half-cell
offset of the reference code.

`encode` is feature-major, [levels * features, n]: each level then writes and reads memory in order, and a decoder is a
plain W @ X.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from t2a.errors import UserError
from t2a.scene._numba import Backend, use_numba

PRIMES = (1, 2654435761, 805459861)


class HashGrid(nn.Module):
    """Trainable features for points of the unit cube."""

    def __init__(
        self,
        levels: int = 8,
        features: int = 2,
        base_resolution: int = 16,
        finest_resolution: int = 128,
        log2_table_size: int = 15,
        *,
        backend: Backend = "auto",
    ):
        """`log2_table_size` bounds the entries of ONE level. Initial features are U(-1e-4, 1e-4)."""
        super().__init__()
        if (
            levels < 1
            or features < 1
            or not 1 <= base_resolution <= finest_resolution
            or not 1 <= log2_table_size <= 24
        ):
            raise UserError(
                f"hash grid: {levels} levels x {features} features, resolution {base_resolution}..{finest_resolution}, "
                f"2^{log2_table_size} entries a level; need at least one level and feature, 1 <= base "
                "<= finest resolution, and 2^1 to 2^24 entries"
            )
        growth = math.exp(math.log(finest_resolution / base_resolution) / max(levels - 1, 1))
        resolutions = [int(base_resolution * growth**level + 1e-6) for level in range(levels)]
        sizes = [min((n + 1) ** 3, 2**log2_table_size) for n in resolutions]
        self.levels, self.features, self.backend = levels, features, backend
        self.active = levels
        """Levels 0..active-1 are seen; the features of the others are zero and get no gradient."""
        self.resolutions = np.array(resolutions, np.int64)
        self.offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.dense = np.array([(n + 1) ** 3 <= 2**log2_table_size for n in resolutions])
        self.table = nn.Parameter((torch.rand(int(self.offsets[-1]), features) * 2 - 1) * 1e-4)

    @property
    def width(self) -> int:
        return self.levels * self.features

    @property
    def cell(self) -> float:
        """Side of the finest active cell, in units of the cube."""
        return 1.0 / float(self.resolutions[self.active - 1])

    def forward(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n f"]:
        """Features of points in [0, 1]^3 (others are clamped), a transposed view of `encode`."""
        return self.encode(x).t()

    def encode(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "f n"]:
        """Row l * features + i is feature i of level l. Differentiable in the table and, once, in x."""
        if use_numba(self.backend, x, self.table):
            from t2a.scene.hash_grid_numba import encode

            return encode(x, self.table, self.offsets, self.resolutions, self.dense, self.active)
        return encode_torch(x, self.table, self.offsets, self.resolutions, self.dense, self.active)

    def get_extra_state(self) -> Tensor:
        return torch.tensor(self.active)

    def set_extra_state(self, state: Tensor) -> None:
        self.active = int(state)


def encode_torch(
    x: Float[Tensor, "n 3"],
    table: Float[Tensor, "entries features"],
    offsets: np.ndarray,
    resolutions: np.ndarray,
    dense: np.ndarray,
    active: int,
) -> Float[Tensor, "f n"]:
    """The plain twin: a loop over levels, for any device."""
    x = x.clamp(0, 1)
    corners = torch.tensor([[c & 1, c >> 1 & 1, c >> 2] for c in range(8)], device=x.device)
    rows = []
    for level, n in enumerate(resolutions.tolist()):
        if level >= active:
            rows.append(x.new_zeros(table.shape[1], x.shape[0]))
            continue
        position = x * n
        cell = position.detach().floor().long().clamp(max=n - 1)
        fraction = position - cell
        vertex = cell + corners[:, None]  # [8, n, 3]
        if dense[level]:
            index = vertex[..., 0] + (n + 1) * (vertex[..., 1] + (n + 1) * vertex[..., 2])
        else:
            index = vertex[..., 0] ^ (vertex[..., 1] * PRIMES[1]) ^ (vertex[..., 2] * PRIMES[2])
            index = index & int(offsets[level + 1] - offsets[level] - 1)
        weight = torch.where(corners[:, None] == 1, fraction, 1 - fraction).prod(-1)
        value = table.index_select(0, (index + int(offsets[level])).reshape(-1)).reshape(8, -1, table.shape[1])
        rows.append((weight[..., None] * value).sum(0).t())
    return torch.cat(rows)
