"""Training pictures of the pocket world, in shards: `python -m t2a.pocket.data --out DIR --shards 12 --seed 1`.

A shard is an .npz of `images` uint8 [scenes, views, size, size, 3] and `cameras` float32 [scenes, views, 2] (azimuth,
elevation in radians) and `studio` bool [scenes] (before the studio's backdrop), with the scenes' `specs` as JSON and
WORDINGS captions of each in the tokenizer's numbers, `ids` uint16 [scenes, WORDINGS, LENGTH]. Shards that exist are
kept, so several processes may share out the numbers, and a training with --grow takes them in as they come. With
--geometry there are also `depth` float16 [scenes, views, size, size] (scene units along the ray, 0 behind), `normals`
int8 [..., 3] (127 times the unit vector, world space) and `parts` int8 (-1 behind), which control maps are made from,
and `canny`, the one map that takes long, as bits [scenes, views, size * size / 8].

With --bare there are no pictures but what they are drawn from when they are asked for, the scenes' `tables` of
primitives, one after the other, `primitives` int32 [scenes] of each, `backdrops` float32 [scenes, 3] and `size`: a GPU
draws them sooner than a core makes them.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8, UInt16
from torch import Tensor

from t2a.cameras import orbit, sample_cameras
from t2a.errors import UserError
from t2a.export.files import replacing
from t2a.mesh.maps import control_map, seen_geometry
from t2a.pocket.captions import Item, Spec, words
from t2a.pocket.render import BACKGROUND, render_views
from t2a.pocket.render_cuda import Pictures, available, render_scenes
from t2a.pocket.speech import any_caption
from t2a.pocket.train.parallel import in_parallel, processes, rank
from t2a.pocket.world import scene
from t2a.seeds import stream
from t2a.types import Cameras

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

STUDIO = 0.8
"""Share of scenes before the studio's backdrop; the others have a random plain colour."""
TOGETHER = 64
"""Scenes drawn at a time: more would fill the memory."""
WORDINGS = 8
"""Captions of each scene; a training draws one of them each time."""


@dataclass(frozen=True)
class Shard:
    """What is known of a shard's pictures; `load_images` reads the pictures, which are large."""

    cameras: Float[np.ndarray, "n v 2"]
    studio: Bool[np.ndarray, " n"]
    specs: list[Spec]
    ids: UInt16[np.ndarray, "n k l"]
    bare: bool = False
    """Its pictures are drawn each time that they are asked for."""


@functools.cache
def _tokens() -> CLIPTokenizer:
    from t2a.pocket.train import tokenizer

    return tokenizer.build(words())


@functools.cache
def vocabulary() -> str:
    """`vocabulary_of` the world's own tokenizer."""
    return vocabulary_of(_tokens())


def vocabulary_of(tokens: CLIPTokenizer) -> str:
    """What tells one set of words, and so the meaning of `ids`, from another."""
    return hashlib.sha256(json.dumps(sorted(tokens.get_vocab().items())).encode()).hexdigest()


def in_numbers(texts: list[str]) -> UInt16[np.ndarray, "n l"]:
    """Texts in the tokenizer's numbers."""
    return np.array(_tokens()(texts, padding="max_length", truncation=True).input_ids, np.uint16)


def packed(tables: list[Float[np.ndarray, "p c"]]) -> dict[str, np.ndarray]:
    """Tables of primitives as two arrays."""
    return {"tables": np.concatenate(tables), "primitives": np.array([len(table) for table in tables], np.int32)}


def unpacked(shard: Mapping[str, np.ndarray]) -> list[Float[np.ndarray, "p c"]]:
    return np.split(shard["tables"], np.cumsum(shard["primitives"])[:-1])


def as_cameras(rows: Float[Tensor, "b 2"]) -> Cameras:
    """Azimuth and elevation in radians -> cameras at the world's distance and field of view."""
    return orbit(rows[:, 0].rad2deg(), rows[:, 1].rad2deg())


def draw(
    tables: list[Float[np.ndarray, "p c"]],
    cameras: Float[np.ndarray, "n v 2"],
    size: int,
    backgrounds: Float[np.ndarray, "b 3"],
    device: torch.device,
) -> Pictures:
    """All views of the scenes, b = n v, on a GPU if `device` is one that numba knows; else by this process's cores."""
    poses = as_cameras(torch.from_numpy(cameras).flatten(0, 1))
    if device.type == "cuda" and available():
        return render_scenes(tables, poses, size, 2, backgrounds, device)
    views = cameras.shape[1]
    parts = [slice(i * views, (i + 1) * views) for i in range(len(tables))]
    drawn = [render_views(t, poses[part], size, 2, backgrounds[part]) for t, part in zip(tables, parts, strict=True)]
    layers = zip(*(vars(one).values() for one in drawn), strict=True)
    return Pictures(*(torch.from_numpy(np.concatenate(layer)).to(device) for layer in layers))


def spec_from_json(text: str) -> Spec:
    raw = json.loads(text)
    return Spec(tuple(Item(**item) for item in raw["items"]), raw["relation"])


def make_shard(
    seed: int,
    first: int,
    scenes: int,
    views: int,
    size: int,
    geometry: bool = False,
    bare: bool = False,
    device: str = "cpu",
) -> dict[str, np.ndarray]:
    """Scenes first .. first + scenes of a seed, each from `views` stratified cameras, drawn on `device`; `bare` ones
    are not drawn."""
    shape = (scenes, views, size, size)
    images = np.empty((*shape, 3) if not bare else 0, np.uint8)
    depth, normals, parts = np.empty(shape, np.float16), np.empty((*shape, 3), np.int8), np.empty(shape, np.int8)
    canny = np.empty((scenes, views, size * size // 8), np.uint8)
    cameras = np.empty((scenes, views, 2), np.float32)
    studio, backdrops = np.empty(scenes, bool), np.empty((scenes, 3), np.float32)
    tables, specs, texts = [], [], []
    for i in range(scenes):
        made = scene(seed, first + i)
        poses = sample_cameras(views, stream(seed, first + i))
        rng = np.random.default_rng([seed, first + i, 1])
        studio[i] = rng.random() < STUDIO
        backdrops[i] = np.array(BACKGROUND) if studio[i] else rng.random(3)
        cameras[i] = np.stack([poses.azimuth.numpy(), poses.elevation.numpy()], axis=-1)
        specs.append(json.dumps(asdict(made.spec)))
        texts += [any_caption(made.spec, rng) for _ in range(WORDINGS)]
        tables.append(made.table)
    shard: dict[str, np.ndarray] = {
        "cameras": cameras,
        "studio": studio,
        "specs": np.array(specs),
        "ids": in_numbers(texts).reshape(scenes, WORDINGS, -1),
        "vocabulary": np.array(vocabulary()),
    }
    if bare:
        return shard | packed(tables) | {"backdrops": backdrops, "size": np.array(size)}
    for start in range(0, scenes, TOGETHER):
        part = slice(start, start + TOGETHER)
        seen = draw(tables[part], cameras[part], size, backdrops[part].repeat(views, axis=0), torch.device(device))
        images[part] = (seen.rgb * 255 + 0.5).byte().cpu().reshape(-1, *shape[1:], 3)
        if geometry:
            depth[part] = seen.depth.cpu().reshape(-1, *shape[1:])
            normals[part] = (seen.normal * 127).round().cpu().reshape(-1, *shape[1:], 3)
            parts[part] = seen.label.cpu().reshape(-1, *shape[1:])
            distance, poses = seen.depth[..., None], as_cameras(torch.from_numpy(cameras[part]).flatten(0, 1))
            known = seen_geometry(distance, seen.normal, (distance > 0).float(), poses.to(distance.device))
            edges = control_map("canny", known)[..., 0].cpu().numpy() > 0.5
            canny[part] = np.packbits(edges.reshape(-1, views, size * size), axis=-1)
    shard["images"] = images
    if geometry:
        shard |= {"depth": depth, "normals": normals, "parts": parts, "canny": canny}
    return shard


def write_shards(
    folder: Path, numbers: Iterable[int], make: Callable[[int], dict[str, np.ndarray]], compressed: bool = True
) -> None:
    """Write `make(number)` as shards of these numbers, but for those that exist."""
    folder.mkdir(parents=True, exist_ok=True)
    write: Callable[..., None] = np.savez_compressed if compressed else np.savez
    for number in numbers:
        target = folder / f"shard_{number:03d}.npz"
        if target.exists():
            continue
        start = time.monotonic()
        shard = make(number)
        with replacing(target) as temporary, temporary.open("wb") as file:
            write(file, **shard)
        print(f"{target}: {len(shard['specs']) / (time.monotonic() - start):.0f} scenes/s", flush=True)


def shard_files(folder: Path) -> list[Path]:
    """The shards that have been written so far; raises FileNotFoundError where there are none."""
    files = sorted(folder.glob("shard_*.npz"))
    if not files:
        raise FileNotFoundError(f"{folder} has no shards; make them with: python -m t2a.pocket.data --out {folder}")
    return files


def load_shard(file: Path) -> Shard:
    """Raises UserError where its captions' numbers mean other words than today."""
    with np.load(file) as shard:
        if "vocabulary" not in shard or str(shard["vocabulary"]) != vocabulary():
            raise UserError(f"{file} was made when the world had other words; remove it and make it again")
        specs = [spec_from_json(text) for text in shard["specs"]]
        return Shard(shard["cameras"], shard["studio"], specs, shard["ids"], "images" not in shard)


def load_images(file: Path, device: str | torch.device = "cpu") -> UInt8[Tensor, "n v h w 3"]:
    """A shard's pictures, drawn there if they have not been, in about a millisecond each on a GPU."""
    device = torch.device(device)
    with np.load(file) as shard:
        if "images" in shard:
            return torch.from_numpy(shard["images"]).to(device)
        views, size = shard["cameras"].shape[1], int(shard["size"])
        rgb = draw(unpacked(shard), shard["cameras"], size, shard["backdrops"].repeat(views, axis=0), device).rgb
    return (rgb * 255 + 0.5).byte().unflatten(0, (-1, views))


def make(args: argparse.Namespace) -> None:
    """This process's share of the shards that the command line asks for."""
    kind = {"geometry": args.geometry, "bare": args.bare, "device": args.device}

    def shard(number: int) -> dict[str, np.ndarray]:
        return make_shard(args.seed, number * args.scenes, args.scenes, args.views, args.size, **kind)

    numbers = range(args.first + rank(), args.first + args.shards, processes())
    write_shards(args.out, numbers, shard, not args.uncompressed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=20)
    parser.add_argument("--scenes", type=int, default=2000, help="scenes in a shard")
    parser.add_argument("--views", type=int, default=4)
    parser.add_argument("--size", type=int, default=128, help="pixels")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--geometry", action="store_true", help="keep depth, normals, parts and edges too")
    parser.add_argument("--bare", action="store_true", help="leave the pictures for a training on a GPU to draw")
    parser.add_argument("--first", type=int, default=0, help="number of the first shard")
    parser.add_argument("--device", default="cpu", help="where pictures are drawn: cpu, cuda")
    parser.add_argument("--processes", type=int, default=1, help="processes of one thread each")
    parser.add_argument("--uncompressed", action="store_true", help="larger files that are sooner written and read")
    args = parser.parse_args()
    if args.bare and args.geometry:
        parser.error("--geometry is drawn with the pictures, which --bare leaves out")
    in_parallel(args.processes, make, args)


if __name__ == "__main__":
    main()
