"""Between the stages: every picture's latent, encoded once by the frozen autoencoder, shard by shard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from jaxtyping import Bool, Float
from torch import Tensor

from t2a.pocket.captions import Spec
from t2a.pocket.data import load_shard, shard_files
from t2a.pocket.train.autoencoder import encode_all
from t2a.pocket.train.common import save_atomically


@dataclass(frozen=True)
class Latents:
    """What the second stage trains on: scenes from several cameras."""

    z: Float[Tensor, "n v c y x"]
    """fp16, scaled."""
    cameras: Float[Tensor, "n v 2"]
    """Azimuth and elevation in radians."""
    studio: Bool[Tensor, " n"]
    specs: list[Spec]


def encode(data: Path, vae: AutoencoderKL, folder: Path) -> Latents:
    """Encode the shards of `data` that `folder` does not hold yet, and load them all. Another autoencoder needs another
    folder."""
    folder.mkdir(parents=True, exist_ok=True)
    z, cameras, studio, specs = [], [], [], []
    for file in shard_files(data):
        shard = load_shard(file)
        known = folder / f"{file.stem}.pt"
        if not known.exists():
            flat = shard.images.reshape(-1, *shard.images.shape[2:])
            save_atomically(encode_all(vae, flat).unflatten(0, shard.images.shape[:2]), known)
            print(f"{known}: {len(flat)} pictures encoded", flush=True)
        z.append(torch.load(known, weights_only=True))
        cameras.append(shard.cameras)
        studio.append(shard.studio)
        specs += shard.specs
    return Latents(
        torch.cat(z), torch.from_numpy(np.concatenate(cameras)), torch.from_numpy(np.concatenate(studio)), specs
    )
