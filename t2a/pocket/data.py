"""Training pictures of the pocket world, in shards: `python -m t2a.pocket.data --out DIR --shards 12 --seed 1`.

A shard is an .npz of `images` uint8 [scenes, views, size, size, 3] and `cameras` float32 [scenes, views, 2] (azimuth,
elevation in radians) and `studio` bool [scenes] (before the studio's backdrop), with the scenes' `specs` as JSON, so
that training can word their captions anew each time. Shards that exist are kept, so several processes may share out
the numbers, and a training with --grow takes them in as they come. With --geometry there are also `depth` float16
[scenes, views, size, size] (scene units along the ray, 0 behind), `normals` int8 [..., 3] (127 times the unit vector,
world space) and `parts` int8 (-1 behind), which control maps are made from, and `canny`, the one map that takes long,
as bits [scenes, views, size * size / 8].
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8

from t2a.cameras import sample_cameras
from t2a.export.files import replacing
from t2a.mesh.maps import control_map, seen_geometry
from t2a.pocket.captions import Item, Spec
from t2a.pocket.render import BACKGROUND
from t2a.pocket.train.parallel import in_parallel, processes, rank
from t2a.pocket.world import scene
from t2a.seeds import stream

STUDIO = 0.8
"""Share of scenes before the studio's backdrop; the others have a random plain colour."""


@dataclass(frozen=True)
class Shard:
    """What is known of a shard's pictures; `load_images` reads the pictures, which are large."""

    cameras: Float[np.ndarray, "n v 2"]
    studio: Bool[np.ndarray, " n"]
    specs: list[Spec]


def spec_from_json(text: str) -> Spec:
    raw = json.loads(text)
    return Spec(tuple(Item(**item) for item in raw["items"]), raw["relation"])


def make_shard(
    seed: int, first: int, scenes: int, views: int, size: int, geometry: bool = False
) -> dict[str, np.ndarray]:
    """Scenes first .. first + scenes of a seed, each from `views` stratified cameras."""
    shape = (scenes, views, size, size)
    images = np.empty((*shape, 3), np.uint8)
    depth, normals, parts = np.empty(shape, np.float16), np.empty((*shape, 3), np.int8), np.empty(shape, np.int8)
    canny = np.empty((scenes, views, size * size // 8), np.uint8)
    cameras = np.empty((scenes, views, 2), np.float32)
    studio = np.empty(scenes, bool)
    specs = []
    for i in range(scenes):
        made = scene(seed, first + i)
        poses = sample_cameras(views, stream(seed, first + i))
        rng = np.random.default_rng([seed, first + i, 1])
        studio[i] = rng.random() < STUDIO
        backdrop = np.array(BACKGROUND) if studio[i] else rng.random(3)
        backgrounds = np.tile(backdrop, (views, 1)).astype(np.float32)
        seen = made.render(poses, size, 2, backgrounds)
        images[i] = (seen.rgb * 255 + 0.5).astype(np.uint8)
        if geometry:
            depth[i], normals[i], parts[i] = seen.depth, (seen.normal * 127).round(), seen.label
            distance, normal = (torch.from_numpy(x) for x in (seen.depth[..., None], seen.normal))
            edges = control_map("canny", seen_geometry(distance, normal, (distance > 0).float(), poses))[..., 0]
            canny[i] = np.packbits(edges.numpy().reshape(views, -1) > 0.5, axis=-1)
        cameras[i] = np.stack([poses.azimuth.numpy(), poses.elevation.numpy()], axis=-1)
        specs.append(json.dumps(asdict(made.spec)))
    shard: dict[str, np.ndarray] = {"images": images, "cameras": cameras, "studio": studio, "specs": np.array(specs)}
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
    with np.load(file) as shard:
        specs = [spec_from_json(text) for text in shard["specs"]]
        return Shard(shard["cameras"], shard["studio"], specs)


def load_images(file: Path) -> UInt8[np.ndarray, "n v h w 3"]:
    with np.load(file) as shard:
        return shard["images"]


def make(args: argparse.Namespace) -> None:
    """This process's share of the shards that the command line asks for."""
    write_shards(
        args.out,
        range(args.first + rank(), args.first + args.shards, processes()),
        lambda number: make_shard(args.seed, number * args.scenes, args.scenes, args.views, args.size, args.geometry),
        not args.uncompressed,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=20)
    parser.add_argument("--scenes", type=int, default=2000, help="scenes in a shard")
    parser.add_argument("--views", type=int, default=4)
    parser.add_argument("--size", type=int, default=128, help="pixels")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--geometry", action="store_true", help="keep depth, normals, parts and edges too")
    parser.add_argument("--first", type=int, default=0, help="number of the first shard")
    parser.add_argument("--processes", type=int, default=1, help="processes of one thread each")
    parser.add_argument("--uncompressed", action="store_true", help="larger files that are sooner written and read")
    args = parser.parse_args()
    in_parallel(args.processes, make, args)


if __name__ == "__main__":
    main()
