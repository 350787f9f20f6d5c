"""A radiance field without view dependence: hash grid, small decoder, density and colour.

raw = decoder(encode(x)); density = activation(raw_0 + initialisation(x)); colour = sigmoid(raw_1..), or raw_1.. for a
latent field. The domain is the cube [-bound, bound]^3; outside it the density is zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from t2a.errors import UserError
from t2a.scene.hash_grid import HashGrid
from t2a.scene.initialisation import Blob, Initialisation

Activation = Literal["softplus", "trunc_exp"]


class _TruncatedExp(torch.autograd.Function):
    """exp whose argument is clamped, in the derivative too (instant-ngp): no overflow, and no dead gradient."""

    @staticmethod
    def forward(ctx, x):
        y = x.clamp(max=15).exp()
        ctx.save_for_backward(x)
        return y

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * x.clamp(-15, 15).exp()


@torch.no_grad()
def mapped(layer: nn.Linear, matrix: Float[Tensor, "c1 d"], kept: int = 0) -> nn.Linear:
    """A layer that gives the affine map `matrix` (its last row is the constant) of what `layer` gives; the first `kept`
    outputs stay as they are."""
    matrix = matrix.to(layer.weight)
    new = nn.Linear(layer.in_features, kept + matrix.shape[1], device=layer.weight.device)
    linear, constant = matrix[:-1].T, matrix[-1]
    new.weight.copy_(torch.cat([layer.weight[:kept], linear @ layer.weight[kept:]]))
    new.bias.copy_(torch.cat([layer.bias[:kept], linear @ layer.bias[kept:] + constant]))
    return new


class Decoder(nn.Module):
    """Linear layers with ReLU between them, feature-major: [inputs, n] -> [outputs, n]. No hidden layer: one linear
    map."""

    def __init__(self, inputs: int, outputs: int, hidden: int, layers: int):
        super().__init__()
        widths = [inputs] + [hidden] * layers + [outputs]
        linears = [nn.Linear(a, b) for a, b in zip(widths[:-1], widths[1:], strict=True)]
        nn.init.zeros_(linears[-1].bias)
        self.layers = nn.ModuleList(linears)

    def forward(self, h: Float[Tensor, "f n"], rows: int | None = None) -> Float[Tensor, "outputs n"]:
        """`rows`: compute only the first so many outputs."""
        *hidden, last = cast(Iterable[nn.Linear], self.layers)
        for layer in hidden:
            h = torch.addmm(layer.bias[:, None], layer.weight, h).relu_()
        return torch.addmm(last.bias[:rows, None], last.weight[:rows], h)


class Field(nn.Module):
    """Density (per scene unit, >= 0) and colour of points in scene units."""

    def __init__(
        self,
        grid: HashGrid | None = None,
        *,
        channels: int = 3,
        latent: bool = False,
        hidden: int = 32,
        layers: int = 0,
        bound: float = 1.0,
        activation: Activation = "softplus",
        initialisation: Initialisation | None = None,
    ):
        """`layers` hidden layers of `hidden` units; `latent`: raw channels instead of colours in [0, 1]. The blob
        initialises by default."""
        super().__init__()
        if activation not in ("softplus", "trunc_exp"):
            raise UserError(f"density activation is {activation!r}; choose softplus or trunc_exp")
        self.grid = HashGrid() if grid is None else grid
        self.decoder = Decoder(self.grid.width, 1 + channels, hidden, layers)
        self.initialisation: Initialisation = Blob() if initialisation is None else initialisation
        self.channels, self.latent, self.bound, self.activation = channels, latent, bound, activation

    def take_colors(self, matrix: Float[Tensor, "c1 3"]) -> None:
        """Make a latent field's channels colours, by an affine map that joins the decoder's last layer and goes on
        learning there. Nothing holds them in [0, 1]."""
        last = cast(nn.Linear, self.decoder.layers[-1])
        self.decoder.layers[-1] = mapped(last, matrix, kept=1)
        self.channels = matrix.shape[1]

    def density(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, " n"]:
        return self._activate(self.raw_density(x), x)

    def forward(self, x: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, " n"], Float[Tensor, "n c"]]:
        """Density and colour; the colour is a transposed view of [c, n]."""
        raw = self.decoder(self._encode(x))
        color = raw[1:] if self.latent else raw[1:].sigmoid()
        return self._activate(raw[0] + self.initialisation(x), x), color.t()

    def raw_density(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, " n"]:
        """Density before the activation; defined outside the cube too, by the cube's surface."""
        return self.decoder(self._encode(x), rows=1)[0] + self.initialisation(x)

    def normals(self, x: Float[Tensor, "n 3"], step: float | None = None) -> Float[Tensor, "n 3"]:
        """Unit outward normals: minus the gradient of the density, from finite differences at the corners of a
        tetrahedron of half-edge `step` (default: the finest active cell). Differentiable in the field's parameters.

        The raw density is differenced: the activation is monotone, so the direction is that of the density's gradient,
        and it survives where the activation saturates. grad f ~ sum_k k f(x + step k) / (4 step) over k in the 4
        corners.
        """
        if step is None:
            step = 2 * self.bound * self.grid.cell
        corners = x.new_tensor([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]])
        raw = self.raw_density((x + step * corners[:, None]).reshape(-1, 3)).reshape(4, -1)
        return nn.functional.normalize(-(raw.t() @ corners), dim=-1, eps=1e-6)

    def _encode(self, x: Tensor) -> Tensor:
        return self.grid.encode(x * (0.5 / self.bound) + 0.5)

    def _activate(self, raw: Tensor, x: Tensor) -> Tensor:
        density = nn.functional.softplus(raw) if self.activation == "softplus" else _TruncatedExp.apply(raw)
        return density * (x.detach().abs().amax(-1) <= self.bound)
