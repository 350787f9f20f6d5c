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

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from t2a.cameras import orbit
from t2a.errors import UserError
from t2a.pocket import path
from t2a.pocket.captions import kind_of, noisy_caption, words
from t2a.pocket.train import card, language, latents, tokenizer
from t2a.pocket.train.common import Report, bfloat16_is_fast, processes, rank, run
from t2a.pocket.vocabulary import WORDS
from t2a.priors.camera_encoder import CameraEncoder
from t2a.priors.multiview import join_views
from t2a.types import Cameras

WIDTH = 192
CAMERA_DROPOUT = 0.12
TEXT_DROPOUT, TEXT_DROPOUT_BLIND = 0.06, 0.5
"""Share of texts left out where the camera is told, and where it is not: guidance compares with neither of them."""
SHIFT = 2.0
"""How far the timesteps are moved towards noise (Esser et al. 2024, equation 23); 1 takes every t alike."""
VIEWS = 4
"""So many views of a scene are denoised together, where they are."""
COLORFUL_BACKGROUNDS = 0.3
"""A scene before a random plain colour is drawn this much as often as one before the studio's backdrop."""
COMPOSED = 1.6
"""A scene that is more than a plain object is drawn this much oftener: plain objects are learnt long before."""


class Denoiser(nn.Module):
    """The three networks that are trained together."""

    def __init__(self, tokens: CLIPTokenizer, latent_size: int = 16, channels: int = 12):
        super().__init__()
        self.text_encoder = CLIPTextModel(
            CLIPTextConfig(
                vocab_size=len(tokens),
                hidden_size=WIDTH,
                intermediate_size=4 * WIDTH,
                projection_dim=WIDTH,
                num_hidden_layers=4,
                num_attention_heads=6,
                max_position_embeddings=tokenizer.LENGTH,
                bos_token_id=tokens.bos_token_id,
                eos_token_id=tokens.eos_token_id,
                pad_token_id=tokens.pad_token_id,
            )
        )
        self.camera_encoder = CameraEncoder(WIDTH)
        # Cross-attention from 8x8 down: at 16x16 it would double the cost of a step. Three levels put most of the
        # parameters at 4x4, where what a thing is gets decided, for less time than two wide levels take.
        self.unet = UNet2DConditionModel(
            sample_size=latent_size,
            in_channels=channels,
            out_channels=channels,
            layers_per_block=1,
            block_out_channels=(64, 128, 192),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=WIDTH,
            attention_head_dim=4,  # diffusers reads this as the number of heads
            # Pools all tokens, and with them the camera, into the time embedding (as DeepFloyd IF does):
            # cross-attention alone takes many thousand steps before it begins to follow words.
            addition_embed_type="text",
            addition_embed_type_num_heads=4,
            norm_num_groups=16,
        )

    def forward(self, z: Tensor, t: Tensor, ids: Tensor, cameras: Cameras | None) -> Tensor:
        """Every text is that of as many consecutive pictures as come to each."""
        context = self.text_encoder(ids).last_hidden_state.repeat_interleave(len(z) // len(ids), 0)
        if cameras is not None:
            context = context + self.camera_encoder(cameras)
        return self.unet(z, t, context).sample


def scheduler() -> DDIMScheduler:
    return DDIMScheduler(
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        clip_sample=False,
        set_alpha_to_one=True,
        timestep_spacing="trailing",
        steps_offset=1,
    )


def timesteps(u: Tensor, count: int) -> Tensor:
    """u in [0, 1] -> shifted integers 0 .. count - 1."""
    return (SHIFT * u / (1 + (SHIFT - 1) * u) * count).long().clamp(max=count - 1)


def as_cameras(rows: Tensor) -> Cameras:
    """[b, 2] azimuth and elevation in radians -> cameras at the world's distance and field of view."""
    return orbit(rows[:, 0].rad2deg(), rows[:, 1].rad2deg())


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


def prepare(data: Path, out: Path, start: Path | None, seed: int) -> None:
    """All that happens once, before the training's processes begin: latents, and a text encoder that has learnt to
    read. A new run may `start` from an exported pipeline: its autoencoder, its weights and its logs."""
    if start is not None and not (out / "autoencoder").exists():
        AutoencoderKL.from_pretrained(start, subfolder="vae").save_pretrained(out / "autoencoder")
        for name in card.LOGS:
            shutil.copy(start / "training" / name, out / name)
    latents.encode(data, AutoencoderKL.from_pretrained(out / "autoencoder").eval(), out / "latents")
    if start is None:
        tokens = tokenizer.build(words())
        torch.manual_seed(seed)
        language.train(Denoiser(tokens).text_encoder, tokens, out, seed=seed)


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
) -> None:
    """Train into out/diffusion.pt after `prepare`; `joint` is the share of batches in which VIEWS views of a scene
    are denoised together."""
    vae = AutoencoderKL.from_pretrained(out / "autoencoder").eval()
    world = latents.encode(data, vae, out / "latents")
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
    chance = torch.tensor([1.0 if kind_of(spec) == "single" else COMPOSED for spec in world.specs])
    chance = torch.where(world.studio, chance, chance * COLORFUL_BACKGROUNDS)
    alphas = scheduler().alphas_cumprod
    bf16 = bfloat16_is_fast()

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        together = VIEWS if float(torch.rand((), generator=generator)) < joint else 1
        scenes = batch // together
        rows = torch.multinomial(chance, scenes, generator=generator)
        columns = torch.rand(scenes, world.z.shape[1], generator=generator).argsort(1)[:, :together]
        wording = np.random.default_rng([seed, step, rank()])
        drop_camera = float(torch.rand((), generator=generator)) < CAMERA_DROPOUT
        drop = torch.rand(scenes, generator=generator) < (TEXT_DROPOUT_BLIND if drop_camera else TEXT_DROPOUT)
        texts = [
            "" if gone else noisy_caption(world.specs[row], wording)
            for row, gone in zip(rows.tolist(), drop, strict=True)
        ]
        ids = tokens(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids
        z = world.z[rows[:, None], columns].flatten(0, 1).float()
        cameras = None if drop_camera else as_cameras(world.cameras[rows[:, None], columns].flatten(0, 1))
        t = timesteps(torch.rand(scenes, generator=generator), len(alphas)).repeat_interleave(together)
        noise = torch.randn(z.shape, generator=generator)
        a = alphas[t][:, None, None, None]
        noisy, target = a.sqrt() * z + (1 - a).sqrt() * noise, a.sqrt() * noise - (1 - a).sqrt() * z
        join_views(model.unet, together)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            v = model(noisy, t, ids, cameras).float()
        return {
            "loss": (v - target).square().mean(),
            "batch": torch.tensor(float(batch * processes())),
            "joint": torch.tensor(float(together > 1)),
        }

    report = Report(steps, out / "diffusion.csv")
    for step, losses, _ in run(
        model, loss_of, steps=steps, rate=rate, folder=out, name="diffusion", seed=seed, decay=decay
    ):
        report(step, losses)


def pipeline(out: Path) -> tuple[StableDiffusionPipeline, CameraEncoder]:
    """The averaged weights of a run so far, as a plain pipeline and the camera encoder beside it."""
    tokens = tokenizer.build(words())
    vae = AutoencoderKL.from_pretrained(out / "autoencoder")
    size = vae.config.sample_size // 2 ** (len(vae.config.block_out_channels) - 1)
    model = Denoiser(tokens, size, vae.config.latent_channels)
    model.load_state_dict(torch.load(out / "diffusion.pt", weights_only=True)["average"])
    model.eval()
    if card.read_log(out / "diffusion.csv")[0].get("joint"):
        model.camera_encoder.views = VIEWS
    pipe = StableDiffusionPipeline(
        vae=vae,
        text_encoder=model.text_encoder,
        tokenizer=tokens,
        unet=model.unet,
        scheduler=scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    return pipe, model.camera_encoder


def _load_in_fp32(config: Path) -> None:
    """transformers loads a model in its configured type, diffusers in fp32: without this a plain pipeline mixes
    both and fails."""
    values = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps({**values, "dtype": "float32"}, indent=2) + "\n", encoding="utf-8")


@torch.no_grad()
def samples(
    out: Path, prompts: list[str], views: int = 4, steps: int = 30, guidance_scale: float = 2.0, seed: int = 0
) -> np.ndarray:
    """Pictures [prompts, views, h, w, 3] in [0, 1] from `views` cameras around the object, one noise per prompt for
    all its views."""
    pipe, camera_encoder = pipeline(out)
    pipe.set_progress_bar_config(disable=True)
    azimuths = torch.arange(views) * (360.0 / views) + 25.0
    if views % camera_encoder.views == 0:
        join_views(pipe.unet, camera_encoder.views)
    camera = camera_encoder(orbit(azimuths, 20.0))
    rows = []
    for number, prompt in enumerate(prompts):
        text, empty = pipe.encode_prompt(prompt, "cpu", 1, True)
        noise = torch.randn(
            1,
            pipe.unet.config.in_channels,
            pipe.unet.config.sample_size,
            pipe.unet.config.sample_size,
            generator=torch.Generator().manual_seed(seed + number),
        )
        made = pipe(
            prompt_embeds=text + camera,
            negative_prompt_embeds=empty.expand(views, -1, -1),
            latents=noise.expand(views, -1, -1, -1).clone(),
            num_inference_steps=steps,
            guidance_scale=guidance_scale,
            output_type="np",
        ).images
        rows.append(made)
    return np.stack(rows)


def export(out: Path, target: Path | None = None) -> Path:
    """Write the pipeline's folder in fp16 safetensors (by default where the package carries its own)."""
    folder = path() if target is None else target
    pipe, camera_encoder = pipeline(out)
    pipe.vae.register_to_config(_name_or_path="")  # the trainer's own path means nothing elsewhere
    temporary = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    pipe.to(dtype=torch.float16).save_pretrained(temporary)
    camera_encoder.save(temporary)
    _load_in_fp32(temporary / "text_encoder" / "config.json")
    for weights in temporary.rglob("*.safetensors"):
        weights.chmod(0o644)
    parts = (pipe.vae, pipe.text_encoder, pipe.unet, camera_encoder)
    parameters = sum(p.numel() for part in parts for p in part.parameters())
    shards = [torch.load(f, weights_only=True, mmap=True)["z"] for f in (out / "latents").glob("shard_*.pt")]
    scenes, views = sum(len(z) for z in shards), shards[0].shape[1]
    (temporary / "README.md").write_text(
        card.text(out, parameters, scenes, views, pipe.vae.config.sample_size, camera_encoder.views), encoding="utf-8"
    )
    (temporary / WORDS).write_text("\n".join(words()) + "\n", encoding="utf-8")
    (temporary / "training").mkdir()
    for name in card.LOGS:
        shutil.copy(out / name, temporary / "training" / name)
    if (out / "samples.png").exists():
        shutil.copy(out / "samples.png", temporary / "samples.png")
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)
    return folder
