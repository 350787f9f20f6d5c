"""Between the stages: every picture's latent, encoded once by the frozen autoencoder, shard by shard."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from jaxtyping import Bool, Float, UInt16
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
    ids: UInt16[Tensor, "n k l"]
    """Captions of each scene in the tokenizer's numbers."""
    shards: frozenset[str]
    """Names of the files that they come from."""

    def and_(self, more: Latents) -> Latents:
        """Both, this one's first."""
        return Latents(
            torch.cat([self.z, more.z]),
            torch.cat([self.cameras, more.cameras]),
            torch.cat([self.studio, more.studio]),
            self.specs + more.specs,
            torch.cat([self.ids, more.ids]),
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


def _encoded(file: Path, vae: AutoencoderKL) -> Float[Tensor, "n v c y x"]:
    """Where the autoencoder is, where bare scenes are drawn as well."""
    images = load_images(file, vae.device)
    return encode_all(vae, images.flatten(0, 1)).unflatten(0, images.shape[:2])


def _kept(file: Path, shard: Shard, vae: AutoencoderKL, folder: Path) -> Float[Tensor, "n v c y x"]:
    """As `_encoded`, on the CPU, unless `folder` holds them."""
    kept, fingerprint = folder / f"{file.stem}.pt", _fingerprint(vae, shard)
    known: dict[str, Any] = torch.load(kept, weights_only=True) if kept.exists() else {"of": None}
    if known["of"] != fingerprint:
        known = {"of": fingerprint, "z": _encoded(file, vae).cpu()}
        save_atomically(known, kept)
        print(f"{kept}: {known['z'].shape[:2].numel()} pictures encoded", flush=True)
    return known["z"]


def prepare(files: Sequence[Path], vae: AutoencoderKL, folder: Path) -> None:
    """All that `encode` keeps in `folder`, made by one process for those that come after it."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        if not (shard := load_shard(file)).bare:
            _kept(file, shard, vae, folder)


def encode(files: Sequence[Path], vae: AutoencoderKL, folder: Path) -> Latents:
    """The latents of shards, on the autoencoder's device, encoded unless `folder` holds them already, of the same
    pictures and by the same autoencoder. Those of bare shards are not kept: a GPU has them sooner than a disk."""
    folder.mkdir(parents=True, exist_ok=True)
    shards = [load_shard(file) for file in files]
    parts = [
        _encoded(file, vae) if shard.bare else _kept(file, shard, vae, folder)
        for file, shard in zip(files, shards, strict=True)
    ]
    return Latents(
        torch.cat([z.to(vae.device) for z in parts]),
        torch.from_numpy(np.concatenate([shard.cameras for shard in shards])).to(vae.device),
        torch.from_numpy(np.concatenate([shard.studio for shard in shards])),
        [spec for shard in shards for spec in shard.specs],
        torch.from_numpy(np.concatenate([shard.ids for shard in shards])),
        frozenset(file.name for file in files),
    )
