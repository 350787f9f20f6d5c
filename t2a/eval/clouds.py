"""Point clouds of held-out prompts beside true ones of the same scenes: P-FID, P-IS, and whether a classifier of shapes
(`t2a.eval.point_net`) knows what they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from t2a.eval.point_net import PointNet, accuracy, p_fid, p_is
from t2a.eval.prompts import Prompt
from t2a.eval.train_point_net import POINTS
from t2a.pocket.geometry import mesh, sample_surface
from t2a.pocket.train.points import RESOLUTION
from t2a.pocket.world import scene
from t2a.types import PointCloud


def single(prompt: Prompt) -> bool:
    """Whether it asks for one object: what the classifier has classes for."""
    return prompt.spec.relation is None and prompt.spec.items[0].count == 1


def of_each(clouds: Sequence[PointCloud], seed: int) -> Float[Tensor, "n POINTS 3"]:
    """POINTS of each, in random order."""
    chosen = []
    for number, cloud in enumerate(clouds):
        rng = np.random.default_rng([seed, number])
        chosen.append(cloud.points[rng.choice(len(cloud.points), POINTS, replace=len(cloud.points) < POINTS)])
    return torch.from_numpy(np.stack(chosen)).float()


def true_clouds(prompts: Sequence[Prompt], seed: int) -> Float[Tensor, "n POINTS 3"]:
    """Of the surfaces of scenes as the prompts ask for them; another seed makes other ones."""
    clouds = []
    for number, prompt in enumerate(prompts):
        made = scene(seed, number, spec=prompt.spec)
        surface = sample_surface(made, mesh(made, RESOLUTION)[0], POINTS, np.random.default_rng([seed, number, 3]))
        clouds.append(torch.from_numpy(surface.points))
    return torch.stack(clouds).float()


def compared(model: PointNet, clouds: Sequence[PointCloud], prompts: Sequence[Prompt], seed: int) -> dict[str, float]:
    """The figures of the clouds of single objects, and as their limits (`true_`) those of true clouds of other scenes
    with the same descriptions: with few clouds a Frechet distance is not 0 even there."""
    rows = [row for row, prompt in enumerate(prompts) if single(prompt)]
    asked = [prompts[row] for row in rows]
    made = of_each([clouds[row] for row in rows], seed)
    true, other = true_clouds(asked, seed), true_clouds(asked, seed + 1)
    classes = torch.tensor([model.config.classes.index(prompt.spec.items[0].family) for prompt in asked])
    return {
        "clouds": len(rows),
        "p_fid": p_fid(model, made, true),
        "true_p_fid": p_fid(model, other, true),
        "p_is": p_is(model, made),
        "true_p_is": p_is(model, true),
        "named": accuracy(model, made, classes),
        "true_named": accuracy(model, true, classes),
    }
