"""What the judge learns from: views of the world taken apart into albedo, shading and coverage, so that each lesson can
light, blur and place them differently. Generated meshes are softer than true renders, and often unshaded.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor
from torch.nn import functional

from t2a.cameras import camera_to_world, sample_cameras
from t2a.pocket.captions import Spec, kind_of
from t2a.pocket.data import spec_from_json, write_shards
from t2a.pocket.render import AMBIENT, BACKGROUND, DIFFUSE, LIGHT_LIFT
from t2a.pocket.world import sample_kind, scene
from t2a.seeds import stream
from t2a.types import Cameras

SIZE = 96
SOFT = 1.8
"""Widest blur in pixels. Meshes of a coarse field look so."""
HELD_OUT = 0.4
"""Share of scenes from the held-out side of the split: the judge must know what the generator may not."""
MIX: dict[str, float] = {
    "single": 0.26,
    "pattern": 0.15,
    "accessory": 0.14,
    "on": 0.12,
    "next": 0.10,
    "part": 0.06,
    "count": 0.05,
    "topping": 0.04,
    "theme": 0.03,
    "inside": 0.05,
}
"""Shares of the kinds of scenes: relations and accessories are harder than single objects, so they come more often than
in the world. Materials and "in front of" are never asked for (see t2a.eval.prompts.SHARES)."""

EMPHASIS: dict[str, float] = {"single": 0.5, "theme": 0.5, "topping": 0.5, "pattern": 1.6, "count": 2.5, "inside": 1.5}
"""How much more often than another scene one of a kind is drawn: what has been learnt long before the rest, and what
is still mistaken when all else is right."""


def layers(table: Float[np.ndarray, "p c"], cameras: Cameras, size: int = SIZE) -> UInt8[np.ndarray, "v h w 5"]:
    """Albedo (3 channels), shading and coverage of each view, from 0 to 255."""
    from t2a.pocket.render import render_views

    views = render_views(table, cameras, size, 2, np.zeros((len(cameras), 3), np.float32))
    light = camera_to_world(cameras).numpy()[:, :, 2].astype(np.float32)
    light[:, 1] += LIGHT_LIFT
    light /= np.linalg.norm(light, axis=1, keepdims=True)
    shade = AMBIENT + DIFFUSE * np.maximum(np.einsum("vhwc,vc->vhw", views.normal, light), 0.0)
    albedo = views.rgb / np.maximum(views.opacity, 1e-3)[..., None] / shade[..., None]
    parts = np.concatenate([albedo, shade[..., None], views.opacity[..., None]], axis=-1)
    return (np.clip(parts, 0, 1) * 255 + 0.5).astype(np.uint8)


def lesson_spec(rng: np.random.Generator) -> Spec:
    """A scene of a kind drawn from MIX, from the held-out side as often as HELD_OUT says."""
    shares = np.array(list(MIX.values()))
    kind = list(MIX)[int(rng.choice(len(MIX), p=shares / shares.sum()))]
    return sample_kind(rng, kind, held_out=bool(rng.random() < HELD_OUT))


def make_shard(seed: int, first: int, scenes: int, views: int, size: int = SIZE) -> dict[str, np.ndarray]:
    """Scenes first .. first + scenes of a seed, each from `views` stratified cameras."""
    pictures = np.empty((scenes, views, size, size, 5), np.uint8)
    azimuths = np.empty((scenes, views), np.float32)
    specs = []
    for i in range(scenes):
        spec = lesson_spec(np.random.default_rng([seed, first + i, 2]))
        made = scene(seed, first + i, spec=spec)
        cameras = sample_cameras(views, stream(seed, first + i))
        pictures[i] = layers(made.table, cameras, size)
        azimuths[i] = cameras.azimuth.numpy()
        specs.append(json.dumps(asdict(spec)))
    return {"pictures": pictures, "azimuths": azimuths, "specs": np.array(specs)}


def make_shards(folder: Path, *, seed: int, shards: int, scenes: int, views: int) -> None:
    """Write the shards that do not exist yet."""
    write_shards(folder, range(shards), lambda number: make_shard(seed, number * scenes, scenes, views))


@dataclass(frozen=True)
class Lessons:
    pictures: UInt8[Tensor, "n v h w 5"]
    azimuths: Float[Tensor, "n v"]
    """In radians."""
    specs: list[Spec]

    def __len__(self) -> int:
        return len(self.specs)


def load_lessons(folder: Path) -> Lessons:
    """All shards of a folder."""
    shards = [np.load(f) for f in sorted(folder.glob("shard_*.npz"))]
    if not shards:
        raise FileNotFoundError(
            f"{folder} has no shards; make them with: python -m t2a.eval.train_judge --data {folder} --make 10"
        )
    specs = [spec_from_json(str(text)) for shard in shards for text in shard["specs"]]
    azimuths = torch.from_numpy(np.concatenate([shard["azimuths"] for shard in shards]))
    # Filled shard by shard: joining them at the end would need all memory twice.
    pictures = torch.empty(len(specs), *shards[0]["pictures"].shape[1:], dtype=torch.uint8)
    first = 0
    for shard in shards:
        part = torch.from_numpy(shard["pictures"])
        pictures[first : first + len(part)] = part
        first += len(part)
    return Lessons(pictures, azimuths, specs)


def place(batch: int, generator: torch.Generator, amount: float) -> Float[Tensor, "b 2 3"]:
    """Random shifts and zooms as affine maps for grid_sample; `amount` 0 is the identity. No mirroring: the left lens
    must stay the left one."""
    zoom = torch.exp(amount * (torch.rand(batch, generator=generator) * 0.45 - 0.15))  # > 1 shrinks the object
    shift = amount * 0.2 * (torch.rand(batch, 2, generator=generator) - 0.5)
    theta = torch.zeros(batch, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = zoom, zoom, shift
    return theta


def soften(images: Float[Tensor, "b c h w"], sigma: Float[Tensor, " b"]) -> Float[Tensor, "b c h w"]:
    """Each picture under a Gaussian of its own width in pixels."""
    b, c, h, w = images.shape
    offsets = torch.arange(-3, 4, dtype=images.dtype)
    kernel = torch.exp(-0.5 * (offsets / sigma[:, None].clamp(min=1e-2)) ** 2)
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(c, 0)
    flat = functional.pad(images.reshape(1, b * c, h, w), (3, 3, 3, 3), mode="replicate")
    flat = functional.conv2d(flat, kernel[:, None, :, None], groups=b * c)
    return functional.conv2d(flat, kernel[:, None, None, :], groups=b * c).reshape(b, c, h, w)


def compose(
    pictures: UInt8[Tensor, "b h w 5"], generator: torch.Generator, amount: float = 1.0
) -> Float[Tensor, "b h w 3"]:
    """Pictures in [0, 1] from layers; `amount` 0 is the world's own render before the studio's backdrop."""
    b = len(pictures)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(b, *shape, generator=generator)

    studio = torch.tensor(BACKGROUND).expand(b, 3)
    plain = (torch.rand(b, 1, generator=generator) < 0.4 * amount).float()
    backdrop = torch.lerp(studio, torch.rand(b, 3, generator=generator), plain)[:, :, None, None]
    soft = pictures.permute(0, 3, 1, 2).float() / 255
    theta = place(b, generator, amount)
    if amount:
        grid = functional.affine_grid(theta, [b, 5, *soft.shape[2:]], align_corners=False)
        # Colours are blended by coverage, or the black outside the object would bleed in.
        weighted = torch.cat([soft[:, :4] * soft[:, 4:], soft[:, 4:]], dim=1)
        weighted = functional.grid_sample(weighted, grid, align_corners=False)
        sigma, blurred = amount * uniform(0.0, SOFT), torch.rand(b, generator=generator) < 0.6
        weighted[blurred] = soften(weighted[blurred], sigma[blurred])
        coverage = weighted[:, 4:]
        soft = torch.cat([weighted[:, :4] / coverage.clamp(min=1e-3), coverage], dim=1)
    albedo, shade, coverage = soft[:, :3], soft[:, 3:4], soft[:, 4:]
    # How strongly the light shows: 0 is bare albedo, 1 the world's own shading.
    light = torch.lerp(torch.ones(b, 1, 1, 1), uniform(0.0, 1.2, 1, 1, 1), amount)
    shade = (1 + light * (shade - 1)).clamp(min=0)
    gain, gamma = 1 + amount * uniform(-0.15, 0.15, 1, 1, 1), 1 + amount * uniform(-0.2, 0.2, 1, 1, 1)
    tint = 1 + amount * uniform(-0.06, 0.06, 3, 1, 1)
    grey = albedo.mean(1, keepdim=True)
    albedo = torch.lerp(grey, albedo, 1 + amount * uniform(-0.25, 0.2, 1, 1, 1))
    surface = (albedo.clamp(1e-3, 1) ** gamma * shade * gain * tint).clamp(0, 1)
    images = coverage * surface + (1 - coverage) * backdrop
    noise = torch.randn(images.shape, generator=generator) * uniform(0.0, 0.03, 1, 1, 1) * amount
    return (images + noise).clamp(0, 1).permute(0, 2, 3, 1)


def chances(specs: list[Spec]) -> Float[Tensor, " n"]:
    """How likely each scene is to be drawn, by its kind."""
    return torch.tensor([EMPHASIS.get(kind_of(spec), 1.0) for spec in specs])


def draw(
    chance: Float[Tensor, " n"], views: int, batch: int, generator: torch.Generator
) -> tuple[Int[Tensor, " b"], Int[Tensor, "b 2"]]:
    """Random scenes, each as likely as its `chance` says, and two different ones of their `views` views."""
    rows = torch.multinomial(chance, batch, replacement=True, generator=generator)
    first = torch.randint(views, (batch,), generator=generator)
    second = (first + 1 + torch.randint(max(views - 1, 1), (batch,), generator=generator)) % views
    return rows, torch.stack([first, second], dim=1)
