"""What the prior draws, before any third dimension: pictures of held-out prompts before the judge.

Precision as for assets, and a Frechet distance (Heusel et al. 2017) between the judge's embeddings of drawn and of true
pictures: FID with a toy world's features in place of Inception's, so its values compare with nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from scipy import linalg
from torch import Tensor

from t2a.cameras import spread, turntable
from t2a.distill.drawing import redraw
from t2a.eval.judge import Judge
from t2a.eval.prompts import Prompt
from t2a.eval.retrieval import ELEVATION, PIXELS, VIEWS, Views
from t2a.events import finished
from t2a.pocket.world import scene
from t2a.priors.latent import LatentPrior
from t2a.priors.prior import views_together

ENOUGH = 60
"""Prompts below which the distance says more about their number than about the pictures."""


def draw(prior: LatentPrior, text: str, guidance_scale: float, steps: int, seed: int) -> Float[Tensor, "v h w 3"]:
    """The prompt from VIEWS cameras around it, all from one noise."""
    cameras = turntable(VIEWS, ELEVATION)[spread(VIEWS, views_together(prior, VIEWS))]
    condition = prior.condition([text] * VIEWS, "", cameras, guidance_scale)
    blank = prior.encode(torch.zeros(1, prior.image_size, prior.image_size, 3, device=prior.device))
    noise = torch.randn(blank.shape, generator=torch.Generator().manual_seed(seed)).to(blank)
    noise = noise.expand(VIEWS, *noise.shape[1:])
    z = finished(redraw(prior, torch.zeros_like(noise), condition, 1.0, steps, noise))
    pictures = prior.decode(z)
    return pictures[cameras.azimuth.argsort()].cpu()


def frechet(a: Float[np.ndarray, "n d"], b: Float[np.ndarray, "m d"]) -> float:
    """Squared Frechet distance between Gaussians fitted to two sets of vectors."""
    means = a.mean(0) - b.mean(0)
    first, second = (np.cov(x, rowvar=False) + 1e-6 * np.eye(x.shape[1]) for x in (a, b))
    root = linalg.sqrtm(first @ second)
    return float(means @ means + np.trace(first + second - 2 * np.real(root)))


def distance(drawn: Sequence[Views], prompts: Sequence[Prompt], judge: Judge, seed: int) -> float:
    """Frechet distance of what was drawn from true renders of the same prompts from the same cameras, times 1000."""
    cameras = turntable(VIEWS, ELEVATION)
    true = [scene(seed, i, spec=prompt.spec).render(cameras, PIXELS).rgb for i, prompt in enumerate(prompts)]
    features = [
        torch.cat([judge.embed_images(torch.as_tensor(views)) for views in sets]).double().numpy()
        for sets in (drawn, true)
    ]
    return 1000 * frechet(*features)
