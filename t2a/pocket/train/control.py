"""The pocket ControlNet (Zhang et al. 2023): one net for all kinds of maps, beside the frozen pocket UNet.

    python -m t2a.pocket.data --out control --shards 3 --seed 2 --geometry
    python -m t2a.pocket.train.control --data control --out run --steps 3000 --processes 2

The kinds look different enough for one net to tell them apart by itself, so a map is all that it is shown, and plain
diffusers runs it. Half of the texts are left out: then the map alone must say what is there.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import ControlNetModel
from jaxtyping import Float, Int
from torch import Tensor

from t2a.mesh.maps import KINDS, PALETTE, GeometryBuffer, control_map, flat_colors, seen_geometry
from t2a.pocket import control_path, path
from t2a.pocket.data import as_cameras, shard_files
from t2a.pocket.train import latents
from t2a.pocket.train.common import add_options, autocast, launch, learnt, noised
from t2a.pocket.train.diffusion import timesteps
from t2a.pocket.train.frozen import load_frozen
from t2a.pocket.train.model import VIEWS
from t2a.priors.catalog import load_pipeline
from t2a.priors.control import beside
from t2a.priors.multiview import join_views
from t2a.types import Cameras

TEXT_DROPOUT = 0.5
"""As published (section 3.4)."""
CAMERA_DROPOUT = 0.1
CHANNELS = (16, 32, 64, 96)
"""Of the convolutions that bring a map to the latents' size."""
LATENTS = "control_latents"
CARD = """# Pocket ControlNet

One net for all kinds of maps (depth, normal, canny, scribble, segmentation) beside the pocket UNet, in diffusers'
format (fp16). Trained on {scenes:,} scenes of t2a's own world, {views} views each, {steps:,} steps of {batch} pictures.
Licence: Apache-2.0, like t2a.
"""
SHUFFLED = 8
"""Parts have the palette's colours in any order: which colour is which part means nothing."""

Parts = Int[Tensor, "b h w"]


def segmentation(parts: Parts, generator: torch.Generator | None = None) -> Float[Tensor, "b h w 3"]:
    """The parts' `flat_colors`, the palette's first ones shuffled by `generator`."""
    colors = torch.tensor(PALETTE)
    if generator is not None:
        colors = torch.cat([colors[:SHUFFLED][torch.randperm(SHUFFLED, generator=generator)], colors[SHUFFLED:]])
    return flat_colors(parts, colors)


@dataclass(frozen=True)
class Views:
    """What the geometry of the pictures is, in memory as the shards hold it."""

    depth: Float[Tensor, "n v h w"]
    normals: Int[Tensor, "n v h w 3"]
    parts: Int[Tensor, "n v h w"]
    canny: Int[Tensor, "n v bytes"]
    """The map that takes long, ready, in bits."""

    def to(self, device: torch.device) -> Views:
        return Views(*(x.to(device) for x in vars(self).values()))

    def of(self, rows: Tensor, columns: Tensor, cameras: Cameras) -> tuple[GeometryBuffer, Parts]:
        """Of the pictures [b] named by scene and view, flat."""
        depth = self.depth[rows, columns].float()[..., None]
        normal = self.normals[rows, columns].float() / 127
        return seen_geometry(depth, normal, (depth > 0).float(), cameras), self.parts[rows, columns].long()

    def edges(self, rows: Tensor, columns: Tensor) -> Float[Tensor, "b h w 3"]:
        """Their canny maps."""
        packed = self.canny[rows, columns]
        bits = packed[..., None] >> torch.arange(7, -1, -1, device=packed.device) & 1
        return bits.reshape(len(packed), *self.depth.shape[2:], 1).float().expand(-1, -1, -1, 3)


def load_views(folder: Path) -> Views:
    shards = [np.load(file) for file in shard_files(folder)]
    names = ("depth", "normals", "parts", "canny")
    return Views(*(torch.cat([torch.from_numpy(s[name]) for s in shards]) for name in names))


def draw_maps(
    kinds: Int[Tensor, " b"],
    views: Views,
    rows: Int[Tensor, " b"],
    columns: Int[Tensor, " b"],
    cameras: Cameras,
    generator: torch.Generator,
) -> Float[Tensor, "b 3 h w"]:
    """For each picture, named by scene and view, the map whose number in KINDS is given."""
    device = views.depth.device
    maps = torch.zeros(len(rows), *views.depth.shape[2:], 3, device=device)
    for number, kind in enumerate(KINDS):
        chosen = (kinds == number).nonzero()[:, 0]
        if len(chosen) == 0:
            continue
        if kind == "canny":
            made = views.edges(rows[chosen], columns[chosen])
        else:
            geometry, parts = views.of(rows[chosen], columns[chosen], cameras[chosen.to(device)])
            made = segmentation(parts, generator) if kind == "segmentation" else control_map(kind, geometry)
        maps[chosen.to(device)] = made
    return maps.permute(0, 3, 1, 2)


def train(
    data: Path,
    out: Path,
    steps: int,
    *,
    batch: int = 32,
    rate: float = 5e-4,
    seed: int = 0,
    decay: float = 0.5,
    pipeline: Path | None = None,
    joint: float = 0.7,
    device: str | torch.device = "cpu",
    minutes: float | None = None,
) -> None:
    """Train into out/control.pt, and write the averaged weights into out/control at the end."""
    device, folder = torch.device(device), pipeline or path()
    frozen = load_frozen(folder, device)
    world = latents.encode(shard_files(data), frozen.vae, out / LATENTS)
    views = load_views(data).to(device)
    torch.manual_seed(seed)
    net = beside(frozen.unet, CHANNELS)
    net.to(device, memory_format=torch.channels_last)

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        together = VIEWS if float(torch.rand((), generator=generator)) < joint else 1
        scenes = batch // together
        chosen = torch.randint(len(world.specs), (scenes,), generator=generator)
        columns = torch.rand(scenes, world.z.shape[1], generator=generator).argsort(1)[:, :together].flatten()
        rows = chosen.repeat_interleave(together)
        cameras = as_cameras(world.cameras[rows, columns])
        kinds = torch.randint(len(KINDS), (scenes,), generator=generator).repeat_interleave(together)
        maps = draw_maps(kinds, views, rows, columns, cameras, generator)
        context = frozen.texts(world.ids, chosen, TEXT_DROPOUT, generator).repeat_interleave(together, 0)
        z = world.z[rows, columns].float()
        t = (
            timesteps(torch.rand(scenes, generator=generator), len(frozen.alphas))
            .repeat_interleave(together)
            .to(device)
        )
        noisy, target = noised(z, t, frozen.alphas, generator)
        with autocast(device):
            with torch.no_grad():
                if float(torch.rand((), generator=generator)) >= CAMERA_DROPOUT:
                    context = context + frozen.camera_encoder(cameras)
            down, middle = net(noisy, t, context, maps, return_dict=False)
            join_views(frozen.unet, together)
            v = frozen.unet(
                noisy, t, context, down_block_additional_residuals=down, mid_block_additional_residual=middle
            ).sample
        return {"loss": (v.float() - target).square().mean()}

    how: dict[str, Any] = {"rate": rate, "seed": seed, "decay": decay, "muon": True, "minutes": minutes}
    if done := learnt(net, loss_of, steps=steps, folder=out, name="control", **how):
        save(net, out / "control")
        card = CARD.format(scenes=len(world.specs), views=world.z.shape[1], steps=done, batch=batch)
        (out / "control" / "README.md").write_text(card, encoding="utf-8")


def save(net: ControlNetModel, folder: Path, dtype: torch.dtype = torch.float16) -> None:
    """Write the net in diffusers' format."""
    temporary = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    net.to(dtype=dtype).save_pretrained(temporary)
    for weights in temporary.rglob("*.safetensors"):
        weights.chmod(0o644)
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of shards with geometry")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the weights")
    parser.add_argument("--pipeline", type=Path, help="whose UNet it is trained beside (default: the package's own)")
    add_options(parser, steps=3000, batch=32, rate=5e-4, decay=0.5)
    parser.add_argument("--ship", action="store_true", help="copy the weights to where the package has its own")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    # Once, before the processes begin.
    vae = load_pipeline(args.pipeline or path())[0].vae.eval().to(args.device)
    latents.prepare(shard_files(args.data), vae, args.out / LATENTS)
    launch(train, args)
    if args.ship:
        shutil.copytree(args.out / "control", control_path(), dirs_exist_ok=True)


if __name__ == "__main__":
    main()
