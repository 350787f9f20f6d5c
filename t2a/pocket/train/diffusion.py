"""Stage two: text encoder, camera encoder and UNet together, on latents of the frozen autoencoder.

v-prediction on the cosine schedule, with more of the large t: what a caption and a camera decide is decided there, and
min-SNR weighting (Hang et al. 2023) would all but switch it off. The camera is dropped for 12 % of the
batches: nothing is then added to the text, which is what a plain pipeline does. The text is dropped for half of those
pictures, and for 6 % of the others.
In most of the other batches several views of a scene are denoised together (t2a.priors.multiview).

The text encoder starts from `language.train`, which has taught it what captions say; exported weights have had that
lesson.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from jaxtyping import Float, Int
from torch import Tensor
from transformers import CLIPTextModel

from t2a.errors import UserError
from t2a.pocket.captions import kind_of, words
from t2a.pocket.data import as_cameras, shard_files
from t2a.pocket.train import card, language, latents, tokenizer
from t2a.pocket.train.common import Report, autocast, noised, run, to_the_end
from t2a.pocket.train.latents import Latents
from t2a.pocket.train.model import VIEWS, Denoiser, record, scheduler
from t2a.pocket.train.parallel import processes, rank
from t2a.priors.camera_encoder import CameraEncoder
from t2a.priors.multiview import join_views
from t2a.types import Cameras

CAMERA_DROPOUT = 0.12
TEXT_DROPOUT, TEXT_DROPOUT_BLIND = 0.06, 0.5
"""Share of texts left out where the camera is told, and where it is not: guidance compares with neither of them."""
SHIFT = 2.0
"""How far the timesteps are moved towards noise (Esser et al. 2024, equation 23); 1 takes every t alike."""
COLORFUL_BACKGROUNDS = 0.3
"""A scene before a random plain colour is drawn this much as often as one before the studio's backdrop."""
EMPHASIS: dict[str, float] = {
    "part": 1.6,
    "theme": 1.6,
    "topping": 1.6,
    "pattern": 2.0,
    "inside": 2.5,
    "accessory": 2.5,
    "on": 2.5,
    "next": 3.0,
    "count": 3.0,
}
"""How much oftener than its share a scene of a kind is drawn: plain objects are learnt long before what is made of two
of them."""


def timesteps(u: Tensor, count: int, shift: float = SHIFT) -> Tensor:
    """u in [0, 1] -> shifted integers 0 .. count - 1."""
    return (shift * u / (1 + (shift - 1) * u) * count).long().clamp(max=count - 1)


@dataclass(frozen=True)
class Batch:
    z: Float[Tensor, "b c y x"]
    cameras: Cameras | None
    ids: Int[Tensor, "n l"]
    """A caption in the tokenizer's numbers for every `together` consecutive pictures, which are views of one scene."""
    together: int


def chances(world: Latents) -> Float[Tensor, " n"]:
    """How likely each scene is to be drawn."""
    chance = torch.tensor([EMPHASIS.get(kind_of(spec), 1.0) for spec in world.specs])
    return torch.where(world.studio, chance, chance * COLORFUL_BACKGROUNDS)


def draw(
    world: Latents,
    chance: Float[Tensor, " n"],
    batch: int,
    joint: float,
    generator: torch.Generator,
    nothing: Int[Tensor, " l"],
) -> Batch:
    """`batch` random pictures: of as many scenes, or (with the chance `joint`) VIEWS of each; `nothing` is the empty
    caption, in place of those that are left out."""
    together = VIEWS if float(torch.rand((), generator=generator)) < joint else 1
    scenes = batch // together
    rows = torch.multinomial(chance, scenes, replacement=True, generator=generator)
    columns = torch.rand(scenes, world.z.shape[1], generator=generator).argsort(1)[:, :together]
    blind = float(torch.rand((), generator=generator)) < CAMERA_DROPOUT
    dropped = torch.rand(scenes, generator=generator) < (TEXT_DROPOUT_BLIND if blind else TEXT_DROPOUT)
    wordings = torch.randint(world.ids.shape[1], (scenes,), generator=generator)
    ids = torch.where(dropped[:, None], nothing, world.ids[rows, wordings].long())
    cameras = None if blind else as_cameras(world.cameras[rows[:, None], columns].flatten(0, 1))
    return Batch(world.z[rows[:, None], columns].flatten(0, 1).float(), cameras, ids, together)


def v_loss(
    model: Denoiser,
    batch: Batch,
    alphas: Float[Tensor, " t"],
    generator: torch.Generator,
    t: Int[Tensor, " b"] | None = None,
) -> Float[Tensor, " b"]:
    """Mean squared error of v (Salimans and Ho 2022) of each picture, at random t where none are given; views of one
    scene share theirs."""
    if t is None:
        scenes = len(batch.z) // batch.together
        t = timesteps(torch.rand(scenes, generator=generator), len(alphas)).repeat_interleave(batch.together)
    noisy, target = noised(batch.z, t, alphas, generator)
    join_views(model.unet, batch.together)
    return (
        (model(noisy, t.to(noisy.device), batch.ids.to(noisy.device), batch.cameras).float() - target)
        .square()
        .mean((1, 2, 3))
    )


def begin(model: Denoiser, start: Path) -> None:
    """The weights of an exported pipeline; raises RuntimeError where they have other shapes."""
    model.unet.load_state_dict(UNet2DConditionModel.from_pretrained(start, subfolder="unet").float().state_dict())
    model.text_encoder.load_state_dict(
        CLIPTextModel.from_pretrained(start, subfolder="text_encoder").float().state_dict()
    )
    camera_encoder = CameraEncoder.load(start)
    if camera_encoder is None:
        raise UserError(f"{start} has no camera encoder; --start needs a folder that `export` wrote")
    model.camera_encoder.load_state_dict(camera_encoder.state_dict())


def prepare(
    data: Path,
    out: Path,
    start: Path | None,
    seed: int,
    lesson: int = language.STEPS,
    device: str | torch.device = "cpu",
) -> None:
    """All that happens once, before the training's processes begin: latents, and a text encoder that has learnt to read
    in `lesson` steps. A new run may `start` from an exported pipeline: its autoencoder, its weights and its logs."""
    if start is not None and not (out / "autoencoder").exists():
        AutoencoderKL.from_pretrained(start, subfolder="vae").save_pretrained(out / "autoencoder")
        for name in card.LOGS:
            shutil.copy(start / "training" / name, out / name)
    vae = AutoencoderKL.from_pretrained(out / "autoencoder").eval().to(device)
    latents.prepare(shard_files(data), vae, out / "latents")
    if start is None:
        tokens = tokenizer.build(words())
        torch.manual_seed(seed)
        language.train(Denoiser(tokens).text_encoder, tokens, out, lesson, seed=seed)


GROWTH, MOST = 25, 4
"""After so many steps a training that grows looks for new shards, and takes up to so many."""


def train(
    data: Path,
    out: Path,
    steps: int,
    batch: int = 32,
    seed: int = 0,
    rate: float = 5e-4,
    start: Path | None = None,
    joint: float = 0.0,
    decay: float = 0.3,
    device: str | torch.device = "cpu",
    minutes: float | None = None,
    grow: bool = False,
    save_every: int = 250,
) -> None:
    """Train into out/diffusion.pt after `prepare`; `joint` is the share of batches in which VIEWS views of a scene
    are denoised together. `grow` takes in the shards that are written meanwhile; `minutes` ends it before `steps`."""
    device = torch.device(device)
    vae = AutoencoderKL.from_pretrained(out / "autoencoder").eval().to(device)
    world = latents.encode(shard_files(data)[: MOST if grow else None], vae, out / "latents")
    if joint and (batch % VIEWS or world.z.shape[1] < VIEWS):
        raise UserError(f"--joint needs a batch that {VIEWS} divides and {VIEWS} views of each scene")
    tokens = tokenizer.build(words())
    torch.manual_seed(seed)
    model = Denoiser(tokens, world.z.shape[-1], world.z.shape[2])
    model.unet.to(memory_format=torch.channels_last)
    if start is not None:
        begin(model, start)
    elif not (out / "diffusion.pt").exists():
        language.take(model.text_encoder, out)
    model.to(device)
    if device.type == "cuda":
        record(model, batch, world.z.shape[2:], (1, VIEWS) if 0 < joint < 1 else (VIEWS,) if joint else (1,))
    nothing = tokens("", padding="max_length", return_tensors="pt").input_ids[0]
    chance = chances(world)
    alphas = scheduler().alphas_cumprod.to(device)

    def take_in() -> None:
        """New shards, if there are any."""
        nonlocal world, chance
        if new := [file for file in shard_files(data) if file.name not in world.shards][:MOST]:
            more = latents.encode(new, vae, out / "latents")
            world, chance = world.and_(more), torch.cat([chance, chances(more)])

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        if grow and step % GROWTH == 0:
            take_in()
        drawn = draw(world, chance, batch, joint, generator, nothing)
        with autocast(device):
            loss = v_loss(model, drawn, alphas, generator).mean()
        return {
            "loss": loss,
            "batch": torch.tensor(float(batch * processes())),
            "joint": torch.tensor(float(drawn.together > 1)),
            "scenes": torch.tensor(float(len(world.specs))),
            "gpu": torch.tensor(float(device.type == "cuda")),
        }

    training = run(
        model,
        loss_of,
        steps=steps,
        rate=rate,
        folder=out,
        name="diffusion",
        seed=seed,
        decay=decay,
        muon=True,
        minutes=minutes,
        save_every=save_every,
    )
    to_the_end(training, Report(steps, out / "diffusion.csv"))
    if not rank():
        print(f"trained on {len(world.specs)} scenes", flush=True)
