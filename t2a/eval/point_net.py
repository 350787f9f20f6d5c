"""What a point cloud's distance and inception score are measured with: a small classifier of shapes, after PointNet++
(Qi et al. 2017).

P-FID and P-IS (Nichol et al. 2022, section 5.1) are FID and the Inception Score with the features and the classes of a
PointNet++ that tells ModelNet40's classes apart. This one tells the pocket world's families, and groups points around
random ones of them, not around the farthest; so its figures compare with no published ones.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from t2a.eval.pictures import frechet
from t2a.priors.module_folder import load_module, save_module

WEIGHTS = Path(__file__).parent.parent / "pocket" / "weights" / "point_net"


@dataclass(frozen=True)
class PointNetConfig:
    classes: tuple[str, ...]
    centres: tuple[int, ...] = (128, 32)
    """Points that are kept at each level."""
    neighbours: int = 24
    """Nearest points that a centre gathers from the level below."""
    widths: tuple[int, ...] = (48, 96, 256)
    """Features after each level; the last ones are of the whole cloud."""


class Gather(nn.Module):
    """A level of set abstraction: each centre sees its neighbours relative to itself, and keeps the largest of what a
    perceptron makes of each."""

    def __init__(self, source: int, width: int):
        super().__init__()
        self.first, self.second = nn.Linear(3 + source, width), nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, apart: Float[Tensor, "*b k 3"], features: Float[Tensor, "*b k s"]) -> Float[Tensor, "*b w"]:
        hidden = torch.relu(self.first(torch.cat([apart, features], dim=-1)))
        return torch.relu(self.norm(self.second(hidden).amax(dim=-2)))


class PointNet(nn.Module):
    def __init__(self, config: PointNetConfig):
        super().__init__()
        self.config = config
        sources = (0, *config.widths[:-1])
        self.levels = nn.ModuleList(Gather(s, w) for s, w in zip(sources, config.widths, strict=True))
        self.head = nn.Linear(config.widths[-1], len(config.classes))

    def features(self, points: Float[Tensor, "b n 3"]) -> Float[Tensor, "b w"]:
        """Of whole clouds: at most the mean of their points at 0 and their farthest point at 1. The first points of
        each level are its centres, so the order of the points should be random."""
        points = points - points.mean(1, keepdim=True)
        points = points / points.norm(dim=-1).amax(1).clamp(min=1e-6)[:, None, None]
        known = points.new_zeros((*points.shape[:2], 0))
        for level, kept in zip(self.levels, self.config.centres, strict=False):
            centres = points[:, :kept]
            near = (
                torch.cdist(centres, points).topk(min(self.config.neighbours, points.shape[1]), largest=False).indices
            )
            rows = torch.arange(len(points), device=points.device)[:, None, None]
            known = level(points[rows, near] - centres[:, :, None], known[rows, near])
            points = centres
        return self.levels[-1](points, known)

    def forward(self, points: Float[Tensor, "b n 3"]) -> Float[Tensor, "b c"]:
        """Logits of the classes."""
        return self.head(self.features(points))


def save(model: PointNet, folder: Path) -> None:
    """Write what `load` reads, in fp16."""
    save_module(model, asdict(model.config), folder)


def load(folder: Path = WEIGHTS) -> PointNet:
    """What `save` wrote, frozen. Raises UserError for a folder that holds something else."""

    def build(config: dict[str, Any]) -> PointNet:
        return PointNet(PointNetConfig(**config))

    return load_module(folder, build, "the point classifier", "copy it again").requires_grad_(False).eval()


@torch.no_grad()
def p_fid(model: PointNet, made: Float[Tensor, "n p 3"], true: Float[Tensor, "m p 3"]) -> float:
    """Squared Frechet distance of the two sets' features (P-FID)."""
    a, b = (torch.cat([model.features(part) for part in clouds.split(32)]).double().numpy() for clouds in (made, true))
    return frechet(a, b)


@torch.no_grad()
def p_is(model: PointNet, made: Float[Tensor, "n p 3"]) -> float:
    """exp E KL(p(class | cloud) || p(class)) (P-IS): high where each cloud is clearly something, and not all the
    same."""
    logs = torch.cat([model(part).log_softmax(-1) for part in made.split(32)]).double()
    mean = logs.exp().mean(0, keepdim=True).log()
    return float((logs.exp() * (logs - mean)).sum(-1).mean().exp())


def accuracy(model: PointNet, clouds: Float[Tensor, "n p 3"], classes: Int[Tensor, " n"]) -> float:
    with torch.no_grad():
        found = torch.cat([model(part).argmax(-1) for part in clouds.split(32)])
    return float((found == classes).float().mean())
