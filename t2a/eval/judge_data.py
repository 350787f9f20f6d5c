"""What the judge learns from: views of the world taken apart into albedo, shading and coverage, so that each lesson can
light, blur and place them differently (generated meshes are softer than true renders, and often unshaded); and
sentences, right ones and counterfactuals, which one colour, part or relation makes wrong.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor
from torch.nn import functional

from t2a.cameras import camera_to_world, sample_cameras
from t2a.errors import UserError
from t2a.eval.judge import MAX_WORDS, PAD, index_of, tokenize
from t2a.pocket.captions import Spec, caption, kind_of, words
from t2a.pocket.counterfactuals import counterfactuals, meaning
from t2a.pocket.data import as_cameras, packed, spec_from_json, unpacked, write_shards
from t2a.pocket.data import draw as draw_scenes
from t2a.pocket.families import COLORS
from t2a.pocket.render import AMBIENT, BACKGROUND, DIFFUSE, lights
from t2a.pocket.train.language import CHOICES, labels
from t2a.pocket.world import sample_kind, scene, shown_color
from t2a.seeds import stream

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

CAPTIONS, WRONG = 6, 24
"""Sentences of each scene: its own in several wordings, and counterfactuals."""
CHANGES: dict[str, dict[str, float]] = {
    "single": {"color": 0.55, "family": 0.35, "detail": 0.1},
    "on": {"color": 0.4, "family": 0.4, "arrangement": 0.2},
    "next": {"color": 0.4, "family": 0.4, "arrangement": 0.2},
    "inside": {"color": 0.4, "family": 0.4, "arrangement": 0.2},
}
DETAILED = {"detail": 0.65, "color": 0.15, "family": 0.2}
"""How often a counterfactual changes what, by kind of scene; DETAILED for all the others."""

EMPHASIS: dict[str, float] = {"single": 0.5, "theme": 0.5, "topping": 0.5, "pattern": 1.6, "count": 2.5, "inside": 1.5}
"""How much more often than another scene one of a kind is drawn: what has been learnt long before the rest, and what
is still mistaken when all else is right."""


def layers(
    tables: list[Float[np.ndarray, "p c"]],
    cameras: Float[np.ndarray, "n v 2"],
    size: int = SIZE,
    device: str | torch.device = "cpu",
) -> UInt8[Tensor, "n v h w 5"]:
    """Albedo (3 channels), shading and coverage of each view, from 0 to 255; `cameras` are azimuths and elevations in
    radians."""
    device, views = torch.device(device), cameras.shape[1]
    seen = draw_scenes(tables, cameras, size, np.zeros((len(tables) * views, 3), np.float32), device)
    poses = camera_to_world(as_cameras(torch.from_numpy(cameras).flatten(0, 1))).numpy()
    light = torch.from_numpy(lights(poses)).float().to(device)
    shade = AMBIENT + DIFFUSE * torch.einsum("vhwc,vc->vhw", seen.normal, light).clamp(min=0)[..., None]
    opacity = seen.opacity[..., None]
    albedo = seen.rgb / opacity.clamp(min=1e-3) / shade
    parts = torch.cat([albedo, shade, opacity], dim=-1)
    return (parts.clamp(0, 1) * 255 + 0.5).byte().unflatten(0, (-1, views))


def lesson_spec(rng: np.random.Generator) -> Spec:
    """A scene of a kind drawn from MIX, from the held-out side as often as HELD_OUT says."""
    shares = np.array(list(MIX.values()))
    kind = list(MIX)[int(rng.choice(len(MIX), p=shares / shares.sum()))]
    return sample_kind(rng, kind, held_out=bool(rng.random() < HELD_OUT))


def wrong_specs(spec: Spec, rng: np.random.Generator, count: int) -> list[Spec]:
    """Counterfactuals of a scene, what changes drawn from CHANGES."""
    near = counterfactuals(spec)
    shares = {change: share for change, share in CHANGES.get(kind_of(spec), DETAILED).items() if near[change]}
    weights = np.array(list(shares.values()))
    changes = rng.choice(list(shares), count, p=weights / weights.sum())
    return [near[change][int(rng.integers(len(near[change])))] for change in changes]


def shown(spec: Spec) -> Spec:
    """The scene as its pictures show it: colours that its caption leaves unsaid filled in, sizes left out."""
    items = []
    for item in spec.items:
        color = shown_color(item)
        worn = (item.accessory_color or "red") if item.accessory else None
        items.append(replace(item, color=color if color in COLORS else None, size=None, accessory_color=worn))
    return replace(spec, items=tuple(items))


def in_numbers(sentences: Sequence[str]) -> Int[np.ndarray, "n w"]:
    """Sentences in the judge's tokens, PAD after their end."""
    numbers = np.full((len(sentences), MAX_WORDS), PAD, np.int16)
    for row, text in zip(numbers, sentences, strict=True):
        known = tokenize(text, word_index())
        row[: len(known)] = known
    return numbers


@functools.cache
def word_index() -> dict[str, int]:
    return index_of(words())


@functools.cache
def vocabulary() -> str:
    """What tells one set of words, and so the meaning of tokens and labels, from another."""
    return hashlib.sha256(json.dumps([*words(), *map(str, CHOICES.values())]).encode()).hexdigest()


def meaning_number(spec: Spec) -> int:
    """The same 64 bits for scenes of the same meaning, in every process."""
    digest = hashlib.blake2b(repr(meaning(spec)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def make_shard(
    seed: int, first: int, scenes: int, views: int, size: int = SIZE, bare: bool = False
) -> dict[str, np.ndarray]:
    """Scenes first .. first + scenes of a seed, each from `views` stratified cameras; `bare` ones are not drawn but
    have what they are drawn from (see t2a.pocket.data)."""
    pictures = np.empty((scenes, views, size, size, 5) if not bare else 0, np.uint8)
    cameras = np.empty((scenes, views, 2), np.float32)
    meanings = np.empty((scenes, 1 + WRONG), np.int64)
    tables, specs, sentences, tokens, choices = [], [], [], [], []
    for i in range(scenes):
        rng = np.random.default_rng([seed, first + i, 2])
        spec = lesson_spec(rng)
        tables.append(scene(seed, first + i, spec=spec).table)
        poses = sample_cameras(views, stream(seed, first + i))
        cameras[i] = np.stack([poses.azimuth.numpy(), poses.elevation.numpy()], axis=-1)
        if not bare:
            pictures[i] = layers(tables[-1:], cameras[i : i + 1], size)[0]
        wrong = wrong_specs(spec, rng, WRONG)
        meanings[i] = [meaning_number(one) for one in (spec, *wrong)]
        specs.append(json.dumps(asdict(spec)))
        said = [caption(one, rng) for one in [spec] * CAPTIONS + wrong]
        sentences.append(json.dumps(said).encode())
        tokens.append(in_numbers(said))
        choices.append(labels(shown(spec)))
    shard: dict[str, np.ndarray] = {
        "cameras": cameras,
        "meanings": meanings,
        "specs": np.array(specs),
        "sentences": np.array(sentences),
        "tokens": np.stack(tokens),
        "labels": np.array(choices, np.int16),
        "vocabulary": np.array(vocabulary()),
    }
    return shard | (packed(tables) | {"size": np.array(size)} if bare else {"pictures": pictures})


def make_shards(
    folder: Path,
    *,
    seed: int,
    numbers: Iterable[int],
    scenes: int,
    views: int,
    compressed: bool = True,
    bare: bool = False,
) -> None:
    """Write the shards of these numbers that do not exist yet."""

    def make(number: int) -> dict[str, np.ndarray]:
        return make_shard(seed, number * scenes, scenes, views, bare=bare)

    write_shards(folder, numbers, make, compressed)


@dataclass(frozen=True)
class Lessons:
    pictures: UInt8[Tensor, "n v h w 5"]
    azimuths: Float[Tensor, "n v"]
    """In radians."""
    specs: list[Spec]
    tokens: Int[Tensor, "n s w"]
    """Sentences of each scene in numbers: CAPTIONS that are right, then WRONG ones."""
    labels: Int[Tensor, "n c"]
    """What the heads must name (see t2a.pocket.train.language.labels)."""
    meanings: Int[Tensor, "n w"]
    """`meaning_number` of the scene, then of each wrong sentence."""
    shards: frozenset[str] = frozenset()
    """Names of the files that they come from."""

    def __len__(self) -> int:
        return len(self.specs)

    def and_(self, more: Lessons, most: int | None = None) -> Lessons:
        """Both, this one's first; the last `most` scenes of them."""
        count = len(self) + len(more)
        old = slice(max(count - most, 0) if most else 0, None)
        return Lessons(
            torch.cat([self.pictures[old], more.pictures]),
            torch.cat([self.azimuths[old], more.azimuths]),
            self.specs[old] + more.specs,
            torch.cat([self.tokens[old], more.tokens]),
            torch.cat([self.labels[old], more.labels]),
            torch.cat([self.meanings[old], more.meanings]),
            self.shards | more.shards,
        )


def lessons_of(
    shards: Sequence[Mapping[str, np.ndarray]], names: Iterable[str] = (), device: str | torch.device = "cpu"
) -> Lessons:
    """What these shards hold; pictures on the `device`, where they are composed. Raises UserError where their
    sentences' numbers mean other words than today."""
    if any("vocabulary" not in shard or str(shard["vocabulary"]) != vocabulary() for shard in shards):
        raise UserError("these lessons were made when the world had other words; remove them and make them again")
    specs = [spec_from_json(str(text)) for shard in shards for text in shard["specs"]]
    cameras, tokens, choices, meanings = (
        torch.from_numpy(np.concatenate([shard[name] for shard in shards]))
        for name in ("cameras", "tokens", "labels", "meanings")
    )
    # Filled shard by shard: joining them at the end would need all memory twice.
    pictures, first = torch.empty(0), 0
    for shard in shards:
        if "pictures" in shard:
            part = torch.from_numpy(shard["pictures"])
        else:
            part = layers(unpacked(shard), shard["cameras"], int(shard["size"]), device)
        if first == 0:
            pictures = torch.empty(len(specs), *part.shape[1:], dtype=torch.uint8, device=device)
        pictures[first : first + len(part)] = part
        first += len(part)
    return Lessons(pictures, cameras[..., 0], specs, tokens, choices, meanings, frozenset(names))


def load_lessons(
    folder: Path,
    known: frozenset[str] = frozenset(),
    most: int | None = None,
    device: str | torch.device = "cpu",
) -> Lessons | None:
    """The shards of a folder that are not `known`, `most` of them where that is given; None if all are known. Raises
    FileNotFoundError where there are none at all."""
    every = sorted(folder.glob("shard_*.npz"))
    if not every:
        raise FileNotFoundError(
            f"{folder} has no shards; make them with: python -m t2a.eval.train_judge --data {folder} --make 10"
        )
    files = [file for file in every if file.name not in known][:most]
    return lessons_of([np.load(file) for file in files], [file.name for file in files], device) if files else None


def place(batch: int, generator: torch.Generator, amount: float) -> Float[Tensor, "b 2 3"]:
    """Random shifts and zooms as affine maps for grid_sample; `amount` 0 is the identity. No mirroring: the left lens
    must stay the left one."""
    device = generator.device
    zoom = torch.rand(batch, generator=generator, device=device) * 0.45 - 0.15
    zoom = torch.exp(amount * zoom)  # > 1 shrinks the object
    shift = amount * 0.2 * (torch.rand(batch, 2, generator=generator, device=device) - 0.5)
    theta = torch.zeros(batch, 2, 3, device=device)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = zoom, zoom, shift
    return theta


def soften(images: Float[Tensor, "b c h w"], sigma: Float[Tensor, " b"]) -> Float[Tensor, "b c h w"]:
    """Each picture under a Gaussian of its own width in pixels."""
    b, c, h, w = images.shape
    offsets = torch.arange(-3, 4, dtype=images.dtype, device=images.device)
    kernel = torch.exp(-0.5 * (offsets / sigma[:, None].clamp(min=1e-2)) ** 2)
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(c, 0)
    flat = functional.pad(images.reshape(1, b * c, h, w), (3, 3, 3, 3), mode="replicate")
    flat = functional.conv2d(flat, kernel[:, None, :, None], groups=b * c)
    return functional.conv2d(flat, kernel[:, None, None, :], groups=b * c).reshape(b, c, h, w)


def compose(
    pictures: UInt8[Tensor, "b h w 5"], generator: torch.Generator, amount: float = 1.0
) -> Float[Tensor, "b h w 3"]:
    """Pictures in [0, 1] from layers; `amount` 0 is the world's own render before the studio's backdrop. The generator
    is of the pictures' device."""
    b, device = len(pictures), pictures.device

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(b, *shape, generator=generator, device=device)

    studio = torch.tensor(BACKGROUND, device=device).expand(b, 3)
    plain = (uniform(0.0, 1.0, 1) < 0.4 * amount).float()
    backdrop = torch.lerp(studio, uniform(0.0, 1.0, 3), plain)[:, :, None, None]
    soft = pictures.permute(0, 3, 1, 2).float() / 255
    theta = place(b, generator, amount)
    if amount:
        grid = functional.affine_grid(theta, [b, 5, *soft.shape[2:]], align_corners=False)
        # Colours are blended by coverage, or the black outside the object would bleed in.
        weighted = torch.cat([soft[:, :4] * soft[:, 4:], soft[:, 4:]], dim=1)
        weighted = functional.grid_sample(weighted, grid, align_corners=False)
        sigma, blurred = amount * uniform(0.0, SOFT), uniform(0.0, 1.0) < 0.6
        weighted[blurred] = soften(weighted[blurred], sigma[blurred])
        coverage = weighted[:, 4:]
        soft = torch.cat([weighted[:, :4] / coverage.clamp(min=1e-3), coverage], dim=1)
    albedo, shade, coverage = soft[:, :3], soft[:, 3:4], soft[:, 4:]
    # How strongly the light shows: 0 is bare albedo, 1 the world's own shading.
    light = torch.lerp(torch.ones(b, 1, 1, 1, device=device), uniform(0.0, 1.2, 1, 1, 1), amount)
    shade = (1 + light * (shade - 1)).clamp(min=0)
    gain, gamma = 1 + amount * uniform(-0.15, 0.15, 1, 1, 1), 1 + amount * uniform(-0.2, 0.2, 1, 1, 1)
    tint = 1 + amount * uniform(-0.06, 0.06, 3, 1, 1)
    grey = albedo.mean(1, keepdim=True)
    albedo = torch.lerp(grey, albedo, 1 + amount * uniform(-0.25, 0.2, 1, 1, 1))
    surface = (albedo.clamp(1e-3, 1) ** gamma * shade * gain * tint).clamp(0, 1)
    images = coverage * surface + (1 - coverage) * backdrop
    noise = torch.randn(images.shape, generator=generator, device=device) * uniform(0.0, 0.03, 1, 1, 1) * amount
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
