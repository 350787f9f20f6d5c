"""Stage one: AutoencoderKL on single pictures, 128x128x3 -> 16x16x12."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL
from jaxtyping import Float, UInt8
from torch import Tensor

from t2a.pocket.train.common import Report, autocast, on, run

KL_WEIGHT = 1e-5
"""On the mean over latents: just enough to keep them near unit scale; the diffusion model rescales by
`scaling_factor` anyway."""
CROPPED = 0.85
"""Share of the steps on half-size crops near the centre: a quarter of the cost, and most of their pixels show the
object."""


WIDTHS = (16, 32, 64, 96)
SHARDS = 6
"""Of the data; more pictures would not teach it more."""
CHANNELS = 12
"""Of the latents."""
ROUGHNESS = 0.05
"""Noise on the latents that the decoder learns to ignore, as a share of their spread: what a diffusion model draws is
never exact."""


def build(size: int = 128) -> AutoencoderKL:
    model = AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * len(WIDTHS),
        up_block_types=("UpDecoderBlock2D",) * len(WIDTHS),
        block_out_channels=WIDTHS,
        layers_per_block=1,
        norm_num_groups=1,  # several groups would also erase what their channels have in common: flat colour
        mid_block_add_attention=False,  # nothing far away helps to draw a patch, and training may crop
        latent_channels=CHANNELS,
        sample_size=size,
    )
    start_as_identity(model)
    return model


@torch.no_grad()
def start_as_identity(model: AutoencoderKL) -> None:
    """Initial weights that already hand the picture through, blurred: three latents are the means of 8x8 pixels.

    From the usual random weights the first thousand steps go into finding out that colour exists. Here each residual
    branch starts at zero, channels 0..2 carry the colour and 3..5 its negative through convolutions that start as
    identities (2x2 means where they go down), and silu(x) - silu(-x) = x takes it through the last activation. The
    latents start almost without noise.
    """

    def silence(conv: torch.nn.Conv2d, rows: int) -> None:
        assert conv.bias is not None
        conv.weight[:rows] = 0
        conv.bias[:rows] = 0

    def identity(conv: torch.nn.Conv2d, mean: bool = False) -> None:
        n = min(conv.in_channels, conv.out_channels, 6)
        silence(conv, n)
        taps = (slice(0, 2), slice(0, 2)) if mean else (conv.kernel_size[0] // 2, conv.kernel_size[1] // 2)
        for k in range(n):
            conv.weight[k, k][taps] = 0.25 if mean else 1.0

    def spread(conv: torch.nn.Conv2d) -> None:
        silence(conv, 6)
        for k in range(3):
            conv.weight[k, k, 1, 1], conv.weight[k + 3, k, 1, 1] = 1.0, -1.0

    def gather(conv: torch.nn.Conv2d) -> None:
        silence(conv, 3)
        for k in range(3):
            conv.weight[k, k, 1, 1], conv.weight[k, k + 3, 1, 1] = 1.0, -1.0

    for name, module in model.named_modules():
        if name.endswith("conv2"):
            torch.nn.init.zeros_(module.weight)
            torch.nn.init.zeros_(module.bias)
        elif name.endswith(("conv_shortcut", "downsamplers.0.conv", "upsamplers.0.conv")):
            identity(module, mean="downsamplers" in name)
    for half in (model.encoder, model.decoder):
        spread(half.conv_in)
        gather(half.conv_out)
    for conv in (model.quant_conv, model.post_quant_conv):
        identity(conv)
    model.quant_conv.weight[CHANNELS:] *= 0.1
    model.quant_conv.bias[CHANNELS:] = -6.0


def to_tensor(images: UInt8[Tensor, "n h w 3"]) -> Float[Tensor, "n 3 h w"]:
    """uint8 [b, h, w, 3] -> float [b, 3, h, w] in [-1, 1]."""
    return images.permute(0, 3, 1, 2).float() / 127.5 - 1


def _edges(x: Tensor) -> tuple[Tensor, Tensor]:
    return x[..., 1:, :] - x[..., :-1, :], x[..., 1:] - x[..., :-1]


def train(
    images: UInt8[Tensor, "n h w 3"],
    out: Path,
    steps: int,
    batch: int = 16,
    seed: int = 0,
    rate: float = 1e-3,
    device: str | torch.device = "cpu",
) -> AutoencoderKL:
    """Returns the averaged model, on the CPU; `images` is uint8 [n, h, w, 3]."""
    device = torch.device(device)
    torch.manual_seed(seed)
    model = build(images.shape[1]).to(device, memory_format=torch.channels_last)

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        rows = torch.randint(len(images), (batch,), generator=generator)
        x = to_tensor(images[rows]).to(device)
        if step < CROPPED * steps:
            half, quarter = images.shape[1] // 2, images.shape[1] // 4
            top, left = (quarter + torch.randint(-quarter // 2, quarter // 2 + 1, (2,), generator=generator)).tolist()
            x = x[:, :, top : top + half, left : left + half]
        x = x.contiguous(memory_format=torch.channels_last)
        with autocast(device):
            posterior = model.encode(x).latent_dist
            mean = posterior.mean.float()
            spread = posterior.std.float() + ROUGHNESS * mean.detach().std()
            noise = torch.randn(mean.shape, generator=on(device, generator), device=device)
            y = model.decode(mean + spread * noise).sample.float()
        l1 = (x - y).abs().mean()
        # The same on finite differences: outlines and eyes are few pixels, which plain L1 lets blur.
        edge = sum((a - b).abs().mean() for a, b in zip(_edges(x), _edges(y), strict=True))
        kl = posterior.kl().float().mean() / mean[0].numel()
        return {"loss": l1 + edge + KL_WEIGHT * kl, "l1": l1, "kl": kl, "mse": (x - y).square().mean()}

    report = Report(steps, out / "autoencoder.csv")
    for step, losses, _ in run(
        model, loss_of, steps=steps, rate=rate, folder=out, name="autoencoder", seed=seed, average_decay=0.99, warmup=50
    ):
        report(step, losses)
    model.load_state_dict(torch.load(out / "autoencoder.pt", weights_only=True, map_location="cpu")["average"])
    model.cpu().eval().requires_grad_(False)
    with torch.no_grad():
        rows = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))[:512]
        z = torch.cat([model.encode(to_tensor(images[r])).latent_dist.mode() for r in rows.split(64)])
    model.register_to_config(scaling_factor=round(float(1 / z.std()), 5))
    return model


@torch.no_grad()
def encode_all(model: AutoencoderKL, images: UInt8[Tensor, "n h w 3"], batch: int = 128) -> Tensor:
    """Scaled latents of every picture, fp16 [n, c, h/8, w/8]; the posterior's mean (its spread is negligible at this
    KL weight)."""
    parts = []
    model.to(memory_format=torch.channels_last)
    for first in range(0, len(images), batch):
        x = to_tensor(images[first : first + batch]).to(model.device).contiguous(memory_format=torch.channels_last)
        parts.append((model.encode(x).latent_dist.mode() * model.config.scaling_factor).half())
    return torch.cat(parts)
