"""Training pictures of the pocket world, in shards: `python -m t2a.pocket.data --out DIR --shards 12 --seed 1`.

A shard is an .npz of `images` uint8 [scenes, views, size, size, 3] and `cameras` float32 [scenes, views, 2] (azimuth,
elevation in radians), with the scenes' `specs` as JSON, so that training can word their captions anew each time.
Shards that exist are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from t2a.cameras import sample_cameras
from t2a.pocket.captions import Item, Spec
from t2a.pocket.render import BACKGROUND
from t2a.pocket.world import scene
from t2a.seeds import stream

PLAIN_BACKGROUND = 0.75
"""Share of views before the studio's backdrop; the others have a random plain colour."""


def spec_from_json(text: str) -> Spec:
    raw = json.loads(text)
    return Spec(tuple(Item(**item) for item in raw["items"]), raw["relation"])


def make_shard(
    seed: int, first: int, scenes: int, views: int, size: int, *, held_out: bool = False
) -> dict[str, np.ndarray]:
    """Scenes first .. first + scenes of a seed, each from `views` stratified cameras."""
    images = np.empty((scenes, views, size, size, 3), np.uint8)
    cameras = np.empty((scenes, views, 2), np.float32)
    specs = []
    for i in range(scenes):
        made = scene(seed, first + i, held_out=held_out)
        poses = sample_cameras(views, stream(seed, first + i))
        rng = np.random.default_rng([seed, first + i, 1])
        plain = rng.random((views, 1)) < PLAIN_BACKGROUND
        backgrounds = np.where(plain, np.array(BACKGROUND), rng.random((views, 3))).astype(np.float32)
        images[i] = (made.render(poses, size, 2, backgrounds).rgb * 255 + 0.5).astype(np.uint8)
        cameras[i] = np.stack([poses.azimuth.numpy(), poses.elevation.numpy()], axis=-1)
        specs.append(json.dumps(asdict(made.spec)))
    return {"images": images, "cameras": cameras, "specs": np.array(specs)}


def load_shards(folder: Path) -> tuple[np.ndarray, np.ndarray, list[Spec]]:
    """Everything that has been written so far: images [n, views, ...], cameras [n, views, 2], specs."""
    shards = [np.load(f) for f in sorted(folder.glob("shard_*.npz")) if not f.name.endswith(".tmp.npz")]
    if not shards:
        raise FileNotFoundError(f"{folder} has no shards; make them with: python -m t2a.pocket.data --out {folder}")
    specs = [spec_from_json(text) for shard in shards for text in shard["specs"]]
    return np.concatenate([s["images"] for s in shards]), np.concatenate([s["cameras"] for s in shards]), specs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=12)
    parser.add_argument("--scenes", type=int, default=2000, help="scenes in a shard")
    parser.add_argument("--views", type=int, default=4)
    parser.add_argument("--size", type=int, default=64, help="pixels")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for number in range(args.shards):
        target = args.out / f"shard_{number:03d}.npz"
        if target.exists():
            continue
        start = time.monotonic()
        shard = make_shard(args.seed, number * args.scenes, args.scenes, args.views, args.size)
        temporary = target.with_suffix(".tmp.npz")
        np.savez(temporary, images=shard["images"], cameras=shard["cameras"], specs=shard["specs"])
        os.replace(temporary, target)
        print(f"{target}: {args.scenes * args.views / (time.monotonic() - start):.0f} views/s", flush=True)


if __name__ == "__main__":
    main()
