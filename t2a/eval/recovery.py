"""Does the engine find a shape that the prior knows exactly? Score distillation from an analytic denoiser.

The prior is a Gaussian around the renders of a known shape: for each camera, z ~ N(mu, s^2) with mu the true picture.
Its optimal noise prediction has a closed form, so whatever the engine gets wrong is the engine's own fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from t2a import config as configs
from t2a.cameras import orbit
from t2a.distill.loop import distil
from t2a.errors import UserError
from t2a.events import Event
from t2a.pocket.captions import Item, Spec
from t2a.pocket.render import BACKGROUND
from t2a.pocket.world import Scene, scene
from t2a.priors.condition import Condition
from t2a.priors.schedule import NoiseSchedule
from t2a.scene import NeRFScene
from t2a.types import Cameras

SHAPES = {"sphere": Item("ball", "red", "small"), "torus": Item("ring", "yellow"), "chair": Item("chair", "blue")}
MIN_IOU, MIN_PSNR = 0.92, 25.0
"""What the engine must reach on each shape."""


class AnalyticPrior:
    """Knows one scene of the pocket world, from every camera. z is the picture itself, in [-1, 1]."""

    sees_cameras = True
    joint_views = 1

    def __init__(self, truth: Scene, size: int = 64, spread: float = 0.1):
        self.truth, self.image_size, self.latent_size, self.variance = truth, size, size, spread**2
        t = torch.arange(1000)
        self.schedule = NoiseSchedule(torch.cos((t + 1) / 1000 * torch.pi / 2).square().clamp(min=1e-4))

    def encode(self, rgb: Float[Tensor, "b h w 3"]) -> Float[Tensor, "b 3 h w"]:
        images = rgb.permute(0, 3, 1, 2) * 2 - 1
        if images.shape[-1] == self.image_size:
            return images
        return torch.nn.functional.interpolate(
            images, (self.image_size, self.image_size), mode="bilinear", align_corners=False
        )

    def decode(self, z: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b h w 3"]:
        return (z / 2 + 0.5).permute(0, 2, 3, 1)

    def condition(self, prompts: Sequence[str], negative: str, cameras: Cameras, guidance_scale: float) -> Condition:
        """One branch: the true pictures, a token per row of pixels."""
        rgb = torch.from_numpy(self.truth.render(cameras, self.image_size).rgb)
        return Condition((rgb.flatten(2),), torch.ones(1, len(cameras)))

    def predict(
        self, z_t: Float[Tensor, "b 3 h w"], t: Int[Tensor, " b"], condition: Condition
    ) -> Float[Tensor, "b 3 h w"]:
        """The exact posterior mean of the noise: with a = abar, (z_t - sqrt(a) mu) sqrt(1 - a) / (a s^2 + 1 - a)."""
        mean = self.encode(condition.contexts[0].unflatten(2, (-1, 3)))
        a = self.schedule.alpha(t, z_t)
        return (z_t - a.sqrt() * mean) * (1 - a).sqrt() / (a * self.variance + 1 - a)


@dataclass(frozen=True)
class Recovery:
    shape: str
    iou: float
    """Of binary silhouettes on held-out views."""
    psnr: float
    """dB on the same views."""
    views: Float[np.ndarray, "2 b h w 3"]
    """The truth above, the recovered scene below."""

    @property
    def passed(self) -> bool:
        return self.iou >= MIN_IOU and self.psnr >= MIN_PSNR


def recover(shape: str, config: configs.Config) -> Iterator[Event | Recovery]:
    """Events of the distillation, then the Recovery. Raises UserError for a shape that is not in SHAPES."""
    if shape not in SHAPES:
        raise UserError(f"there is no shape {shape!r}; choose from: {', '.join(SHAPES)}")
    truth = scene(config.seed, spec=Spec((SHAPES[shape],)))
    field = NeRFScene(config.scene, seed=config.seed)
    yield from distil(AnalyticPrior(truth), field, shape, config.distill, config.cameras, seed=config.seed)
    # Azimuths and elevations between those of any lattice that training could have favoured.
    cameras = orbit(np.arange(8) * 45.0 + 17.0, [5.0, 40.0] * 4)
    true = truth.render(cameras, 128)
    with torch.no_grad():
        render = field.render(cameras, 128, 128, background=torch.tensor(config.scene.backdrop))
    found = render.rgb.clamp(0, 1).numpy()
    a, b = true.opacity > 0.5, render.opacity[..., 0].numpy() > 0.5
    error = float(np.square(true.rgb - found).mean())
    yield Recovery(
        shape,
        float((a & b).sum() / max((a | b).sum(), 1)),
        -10 * float(np.log10(max(error, 1e-10))),
        np.stack([true.rgb, found]),
    )


def recovery_config(seed: int = 0) -> configs.Config:
    """The pocket preset's engine, without what only a guided prior needs."""
    return configs.load(
        "pocket",
        {
            "seed": seed,
            "steps": 300,
            "guidance_scale": 1.0,
            "backdrop": BACKGROUND,
            "random_backdrop": 0.0,
            "lambertian": 0.0,
        },
    )


def main(shapes: Sequence[str], output: Path, seed: int = 0) -> int:
    """Recover each shape, write figures and a sheet into `output`; 0 if all of them pass, else 1."""
    from t2a.export.files import check_writable, write_json, write_png
    from t2a.progress import Bars

    for shape in shapes:
        if shape not in SHAPES:
            raise UserError(f"there is no shape {shape!r}; choose from: {', '.join(SHAPES)}")
    check_writable(output / "recovery.json")
    results: list[Recovery] = []
    for shape in shapes:
        with Bars() as bars:
            for event in recover(shape, recovery_config(seed)):
                if isinstance(event, Event):
                    bars(event)
                else:
                    results.append(event)
        found = results[-1]
        verdict = "passed" if found.passed else "NOT passed"
        limits = f"at least {MIN_IOU} and {MIN_PSNR:g} dB"
        print(f"{shape}: silhouette IoU {found.iou:.3f}, PSNR {found.psnr:.1f} dB, {verdict} ({limits})")
    figures = {r.shape: {"iou": r.iou, "psnr": r.psnr, "passed": r.passed} for r in results}
    write_json(
        output / "recovery.json", {"seed": seed, "limits": {"iou": MIN_IOU, "psnr": MIN_PSNR}, "shapes": figures}
    )
    write_png(
        output / "recovery.png", np.concatenate([np.concatenate(list(row), axis=1) for r in results for row in r.views])
    )
    return 0 if all(r.passed for r in results) else 1
