"""From words to a shape in seconds: a few views that the prior draws together, how far away what they show is, and what
that makes together, a solid and a cloud of its surface."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from t2a.config import Config
from t2a.distill.drawing import Drawing, drawn_from_noise, first_steps
from t2a.distill.loop import told
from t2a.errors import EmptyScene
from t2a.events import Event, Stopwatch, relayed
from t2a.priors.latent import LatentPrior
from t2a.scene import NeRFScene
from t2a.scene.cloud import fit_colors
from t2a.scene.fusion import Seen, enlarged, fused, seen_cloud
from t2a.scene.initialisation import filling
from t2a.seeds import stream
from t2a.types import PointCloud

STAGE = "draw"
STREAM = 2
"""Tells this stage's random numbers from those of the others."""
TRIES, MOST = 4, 0.2
"""Drawings at most, until something else than the background fills less than that share of the pictures' edges: now and
then the model takes another colour for the background, and all of the picture would be solid."""
CLOUD = 20_000
"""Most points that colours are taken from."""


@dataclass(frozen=True)
class Lifted:
    """What was drawn, and how it lies in space."""

    drawing: Drawing
    seen: Seen
    surface: Float[Tensor, "n n n"]
    """`fused` of what was seen."""

    def cloud(self, count: int, generator: torch.Generator) -> PointCloud:
        return seen_cloud(self.seen, self.surface, count, generator)


def can_lift(prior: LatentPrior, config: Config) -> bool:
    """Whether the prior knows how far away what it draws is, and the scene has colours."""
    return prior.depth_head is not None and not config.scene.latent


def lift(prior: LatentPrior, prompt: str, config: Config) -> Generator[Event, None, Lifted]:
    """Draw the first round's views, once more where they are before another background than the world's own, and find
    their distances. Raises EmptyScene where nothing is drawn."""
    generator = stream(config.seed, STREAM)
    for _ in range(TRIES):
        drawing = yield from _drawn(prior, prompt, config, generator)
        if filled(drawing) < MOST:
            break
    assert drawing.silhouettes is not None
    inside = drawing.silhouettes[..., 0].cpu() > 0.5
    if not inside.any():
        raise EmptyScene("the model has drawn nothing; try another --seed, or other words")
    condition = told(prior, prompt, config.distill.negative, drawing.views, 1.0, None)
    noise = torch.randn(drawing.z.shape, generator=generator).to(drawing.z)
    depth = prior.depth(drawing.z, condition, drawing.views, noise)
    size = drawing.target.shape[1]
    known = depth.inside > 0

    def full(values: Tensor) -> Tensor:
        return enlarged(values, known, size).cpu()

    views = drawing.views.to("cpu")
    seen = Seen(views, drawing.target.cpu(), full(depth.distance), full(depth.spread), inside)
    surface = fused(seen)
    steps = first_steps(config.refine) + 1
    yield Event(STAGE, steps, steps, preview=torch.cat(list(seen.rgb), dim=1).numpy())
    return Lifted(drawing, seen, surface)


def filled(drawing: Drawing) -> float:
    """The share of the pixels along the pictures' edges where something is in front of the background."""
    assert drawing.silhouettes is not None
    inside = drawing.silhouettes[..., 0] > 0.5
    rows, columns = inside[:, [0, -1]], inside[:, :, [0, -1]]
    return float(torch.cat([rows.flatten(), columns.flatten()]).float().mean())


def _drawn(
    prior: LatentPrior, prompt: str, config: Config, generator: torch.Generator
) -> Generator[Event, None, Drawing]:
    steps = first_steps(config.refine) + 1  # the last one finds the distances
    watch = Stopwatch(steps)
    yield Event(STAGE, 0, steps)
    job = drawn_from_noise(prior, prompt, config, generator, prior.device)
    return (yield from relayed(job, lambda done: Event(STAGE, done, steps, watch.eta(done))))


def lifted_scene(lifted: Lifted, config: Config, softness: float) -> NeRFScene:
    """The scene before its first step: the solid, in the colours of what was drawn."""
    shape = filling(lifted.surface, config.scene.blob_scale, softness)
    scene = NeRFScene(config.scene, seed=config.seed, initialisation=shape)
    fit_colors(scene, lifted.cloud(CLOUD, stream(config.seed, STREAM)), seed=config.seed)
    return scene
