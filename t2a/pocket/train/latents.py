"""Between the stages: every picture's latent, encoded once by the frozen autoencoder, shard by shard."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from jaxtyping import Bool, Float
from torch import Tensor

from t2a.pocket.captions import Spec
from t2a.pocket.data import Shard, load_images, load_shard
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
    shards: frozenset[str]
    """Names of the files that they come from."""

    def to(self, device: torch.device) -> Latents:
        """Pictures and cameras there, where they are drawn from; the rest stays."""
        return replace(self, z=self.z.to(device), cameras=self.cameras.to(device))

    def and_(self, more: Latents) -> Latents:
        """Both, this one's first."""
        return Latents(
            torch.cat([self.z, more.z.to(self.z.device)]),
            torch.cat([self.cameras, more.cameras.to(self.cameras.device)]),
            torch.cat([self.studio, more.studio]),
            self.specs + more.specs,
            self.shards | more.shards,
        )


def _fingerprint(vae: AutoencoderKL, shard: Shard) -> str:
    """What a shard's latents depend on."""
    digest = hashlib.sha256()
    for value in vae.state_dict().values():
        digest.update(value.float().cpu().contiguous().numpy().tobytes())
    digest.update(shard.cameras.tobytes())
    digest.update(repr(shard.specs).encode())
    return digest.hexdigest()


def encode(files: Sequence[Path], vae: AutoencoderKL, folder: Path) -> Latents:
    """The latents of shards, encoded (where the autoencoder is) unless `folder` holds them already, of the same
    pictures and by the same autoencoder."""
    folder.mkdir(parents=True, exist_ok=True)
    z: list[Tensor] = []
    cameras, studio, specs = [], [], []
    for file in files:
        shard = load_shard(file)
        kept, fingerprint = folder / f"{file.stem}.pt", _fingerprint(vae, shard)
        known: dict[str, Any] = torch.load(kept, weights_only=True) if kept.exists() else {"of": None}
        if known["of"] != fingerprint:
            images = load_images(file)
            flat = images.reshape(-1, *images.shape[2:])
            known = {"of": fingerprint, "z": encode_all(vae, flat).unflatten(0, images.shape[:2])}
            save_atomically(known, kept)
            print(f"{kept}: {len(flat)} pictures encoded", flush=True)
        z.append(known["z"])
        cameras.append(shard.cameras)
        studio.append(shard.studio)
        specs += shard.specs
    return Latents(
        torch.cat(z),
        torch.from_numpy(np.concatenate(cameras)),
        torch.from_numpy(np.concatenate(studio)),
        specs,
        frozenset(file.name for file in files),
    )
