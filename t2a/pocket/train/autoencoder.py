"""Stage one: AutoencoderKL on single pictures, 64x64x3 -> 16x16x4."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from t2a.pocket.train.common import Average, Report, run

KL_WEIGHT = 1e-5
"""On the mean over latents: just enough to keep them near unit scale; the diffusion model rescales by `scaling_factor` anyway."""


def build(size: int = 64) -> AutoencoderKL:
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(16, 32, 64),
        layers_per_block=1,
        norm_num_groups=8,
        latent_channels=4,
        sample_size=size,
    )


def to_tensor(images: np.ndarray) -> Tensor:
    """uint8 [b, h, w, 3] -> float [b, 3, h, w] in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 127.5 - 1


def _edges(x: Tensor) -> tuple[Tensor, Tensor]:
    return x[..., 1:, :] - x[..., :-1, :], x[..., 1:] - x[..., :-1]


def train(images: np.ndarray, out: Path, steps: int, batch: int = 16, seed: int = 0, rate: float = 2e-3) -> AutoencoderKL:
    """Returns the averaged model; `images` is uint8 [n, h, w, 3]."""
    torch.manual_seed(seed)
    model = build(images.shape[1]).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        rows = torch.randint(len(images), (batch,), generator=generator)
        x = to_tensor(images[rows.numpy()]).contiguous(memory_format=torch.channels_last)
        posterior = model.encode(x).latent_dist
        noise = torch.randn(posterior.mean.shape, generator=generator)
        y = model.decode(posterior.mean + posterior.std * noise).sample
        l1 = (x - y).abs().mean()
        # The same on finite differences: outlines and eyes are few pixels, which plain L1 lets blur.
        edge = sum((a - b).abs().mean() for a, b in zip(_edges(x), _edges(y), strict=True))
        kl = posterior.kl().mean() / posterior.mean[0].numel()
        return {"loss": l1 + edge + KL_WEIGHT * kl, "l1": l1, "kl": kl, "mse": (x - y).square().mean()}

    report = Report(steps, out / "autoencoder.csv")
    average: Average | None = None
    for step, losses, average in run(model, loss_of, steps=steps, rate=rate, folder=out, name="autoencoder", seed=seed, average_decay=0.995):
        report(step, losses)
    model.load_state_dict(average.values if average else torch.load(out / "autoencoder.pt", weights_only=True)["average"])
    model.eval().requires_grad_(False)
    with torch.no_grad():
        rows = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))[:512]
        z = torch.cat([model.encode(to_tensor(images[r.numpy()])).latent_dist.mode() for r in rows.split(64)])
    model.register_to_config(scaling_factor=round(float(1 / z.std()), 5))
    return model


@torch.no_grad()
def encode_all(model: AutoencoderKL, images: np.ndarray, batch: int = 64) -> Tensor:
    """Scaled latents of every picture, fp16 [n, 4, h/4, w/4]; the posterior's mean (its spread is negligible at this KL weight)."""
    parts = [model.encode(to_tensor(images[i : i + batch])).latent_dist.mode().half() for i in range(0, len(images), batch)]
    return torch.cat(parts) * model.config.scaling_factor  # type: ignore[attr-defined]
