"""Text or a picture to a coloured point cloud: seconds, where a distillation takes a minute.

The pocket model draws views of the prompt together and finds how far away they are (`t2a.lift`); a point model of one's
own (`t2a train points`) reads the prompt itself. The published Point-E models are used as published: one is told a CLIP
vector of the text, the others a picture, or one that a text-to-image model draws of the prompt before a white
background first. Of Shap-E's meshes the surface is sampled.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from t2a import pocket
from t2a.cameras import orbit, turntable
from t2a.config import load as load_config
from t2a.distill.drawing import redraw
from t2a.errors import UserError
from t2a.events import Event, Progress, finished, relayed, run
from t2a.lift import lift
from t2a.mesh.read import z_up_to_y_up
from t2a.mesh.read_cloud import sampled
from t2a.mesh.splat import splat
from t2a.priors.latent import load_latent
from t2a.priors.point_e import TOLD_BY_IMAGE, TOLD_BY_TEXT, UPSAMPLER
from t2a.priors.point_e.configs import FILES
from t2a.priors.point_e.models import PointDenoiser
from t2a.priors.point_e.sampler import CloudEvent, SamplerConfig, Stage, image_stages, sample, text_stages
from t2a.prompts import check_prompt
from t2a.scene.cloud import placed
from t2a.seeds import stream
from t2a.types import PointCloud

FEWEST, MOST = 128, 16_384
BASE_POINTS = 1024
"""What the published base models make; with the upsampler they are 4096."""
STEPS, GUIDANCE_SCALE = 24, 2.0
"""Of a point model that `t2a train points` has made."""
PREVIEW_VIEWS, PREVIEW_SIZE = 4, 128
SHAP_E = "shap-e"
MODELS = ("pocket", *TOLD_BY_TEXT, *TOLD_BY_IMAGE, SHAP_E)
SEEN_AS = "a 3d render of {prompt}, isolated on a white background"
"""What a text-to-image model is asked for, in front of a model that is told pictures."""


@dataclass(frozen=True)
class PointOptions:
    """How a cloud is made."""

    model: str = "pocket"
    """Or the name of a published Point-E model."""
    weights: Path | None = None
    """The folder that has its file, and those of the upsampler and the signed-distance model, if they are wanted; for
    Shap-E, a folder in diffusers' format instead of the hub's; for pocket, one that `t2a train points` has written,
    where the pocket model itself is not wanted."""
    clip: str = "openai/clip-vit-large-patch14"
    """Folder or hub id of the CLIP model that the published models are told by."""
    image: Path | None = None
    """A picture to make a cloud of, for models that are told pictures."""
    image_model: str = "pocket"
    """What draws a picture of the prompt for them, where none is given: a Stable Diffusion folder or hub id."""
    count: int = 1024
    """Points; the published models make 1024, or 4096 with their upsampler."""
    seed: int = 0
    steps: int | None = None
    """For the pocket model those of its drawing (None: the preset's 12); for one of `t2a train points` Heun's, each of
    which asks it twice (None: 24). The published models take their own 64."""
    guidance_scale: float | None = None
    """For the pocket model that of its drawing (None: the preset's 3), for one of `t2a train points` its own (None:
    2)."""
    offline: bool = False

    def __post_init__(self) -> None:
        for name, low, high in (
            ("count", FEWEST, MOST),
            ("seed", 0, 2**31 - 1),
            ("steps", 2, 1000),
            ("guidance_scale", 0, 100),
        ):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise UserError(f"{name.replace('_', '-')} is {value}; it must be between {low:,} and {high:,}")
        if self.model not in MODELS:
            raise UserError(f"there is no point model {self.model!r}; the models are: {', '.join(MODELS)}")
        if self.model == "pocket" and self.weights is not None and not self.weights.is_dir():
            raise UserError(f"there is no folder {self.weights}; give one that `t2a train points` has written")
        if self.model in ("pocket", SHAP_E) and self.image is not None:
            raise UserError(
                f"the model {self.model} is told words, not pictures; choose --model {TOLD_BY_IMAGE[0]}, or no --image"
            )
        if self.model not in ("pocket", SHAP_E):
            if self.weights is None:
                raise UserError(
                    f"{self.model} needs its weights; give --weights FOLDER with the official {FILES[self.model]}"
                )
            weights_of(self.model, self.weights)
        if self.image is not None and not self.image.is_file():
            raise UserError(f"there is no file {self.image}")


def find_weights(model: str, folder: Path) -> Path | None:
    """The file of a published model in `folder`, if it is there: safetensors, or the official one."""
    official = folder / FILES[model]
    return next((path for path in (official.with_suffix(".safetensors"), official) if path.is_file()), None)


def weights_of(model: str, folder: Path) -> Path:
    """The same; raises UserError where it is missing."""
    found, official = find_weights(model, folder), Path(FILES[model])
    if found is None:
        raise UserError(f"{folder} has neither {official.name} nor {official.stem}.safetensors")
    return found


def text_to_points(prompt: str = "", *, progress: Progress | None = None, **options: Any) -> PointCloud:
    """A cloud in scene units (Y up, front +Z, inside the unit ball) with sRGB colours.

    `progress` sees every Event and cancels the job by returning False. `options` are those of PointOptions: count,
    seed, steps, guidance_scale, model, ... Raises UserError for bad input, before any model is loaded.
    """
    return run(stages(prompt, PointOptions(**options)), progress)


def stages(prompt: str, options: PointOptions) -> Generator[Event, None, PointCloud]:
    """The job as a generator of events that returns the cloud; closing it cancels."""
    if options.image is None:
        prompt = check_prompt(prompt)
    yield Event("load", 0, 1)
    if options.model == SHAP_E:
        from t2a.priors import shap_e

        pipe = shap_e.load_shap_e(options.weights or shap_e.NAME, offline=options.offline)
        yield Event("load", 1, 1)
        drawn = yield from shap_e.text_to_mesh(pipe, prompt, seed=options.seed)
        return placed(sampled(drawn, options.count, options.seed))
    if options.model == "pocket" and options.weights is None:
        return (yield from _drawn(prompt, options))
    models, in_scene = _trained(prompt, options) if options.model == "pocket" else _published(prompt, options)
    yield Event("load", 1, 1)

    def told(event: CloudEvent) -> Event:
        shown = event.step % 8 == 0 or event.step == event.steps
        preview = picture(in_scene(event.clouds[0])) if shown else None
        return Event(event.stage, event.step, event.steps, event.eta, preview=preview)

    clouds = yield from relayed(sample(models, generator=torch.Generator().manual_seed(options.seed)), told)
    return in_scene(clouds[0])


ToScene = Callable[[PointCloud], PointCloud]


def _drawn(prompt: str, options: PointOptions) -> Generator[Event, None, PointCloud]:
    prior = load_latent(pocket.path(), offline=True)
    asked = {"first_denoise_steps": options.steps, "refine_guidance": options.guidance_scale}
    given = {name: value for name, value in asked.items() if value is not None}
    config = load_config("pocket", {"seed": options.seed, **given})
    yield Event("load", 1, 1)
    lifted = yield from lift(prior, prompt, config)
    cloud = lifted.cloud(options.count, stream(options.seed))
    yield Event("points", 1, 1, preview=picture(cloud))
    return cloud


def _trained(prompt: str, options: PointOptions) -> tuple[tuple[Stage, ...], ToScene]:
    from t2a.priors.text_tokens import text_reader
    from t2a.priors.two_stream import load

    assert options.weights is not None
    model, context = load(options.weights), text_reader(pocket.path())([prompt])
    steps = STEPS if options.steps is None else options.steps
    scale = GUIDANCE_SCALE if options.guidance_scale is None else options.guidance_scale
    config = SamplerConfig(steps=steps, guidance_scale=scale)
    # The models' cube has the edge 1, the scene's 2.
    return (Stage(model, config, {"context": context}, options.count),), lambda cloud: PointCloud(
        cloud.points * 2, cloud.colors
    )


def _published(prompt: str, options: PointOptions) -> tuple[tuple[Stage, ...], ToScene]:
    from t2a.priors.point_e.checkpoint import load
    from t2a.priors.point_e.clip import load_clip

    assert options.weights is not None
    wanted = [options.model] if options.count <= BASE_POINTS else [options.model, UPSAMPLER]
    base, *more = (load(weights_of(name, options.weights), name) for name in wanted)
    upsampler = more[0] if more else None
    assert isinstance(base, PointDenoiser) and (upsampler is None or isinstance(upsampler, PointDenoiser))
    clip = load_clip(options.clip, offline=options.offline)
    if options.model in TOLD_BY_TEXT:
        models = text_stages(base, upsampler, clip.texts([prompt]))
    else:
        image = read_picture(options.image) if options.image is not None else draw_picture(prompt, options)
        vector = base.config.conditioning == "vector"
        models = image_stages(base, upsampler, clip.images([image]) if vector else clip.grids([image]))
    # Their cube has the edge 1 and Z up.
    return models, lambda cloud: PointCloud(z_up_to_y_up(cloud.points * 2), cloud.colors)


def read_picture(path: Path) -> Float[np.ndarray, "h w 3"]:
    """sRGB in [0, 1]; what is transparent is white. Raises UserError for a file that is no picture."""
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(path).convert("RGBA")
    except (OSError, UnidentifiedImageError) as error:
        raise UserError(
            f"{path} cannot be read as a picture ({type(error).__name__}); save it as PNG or JPEG"
        ) from error
    white = Image.new("RGBA", image.size, "white")
    return np.asarray(Image.alpha_composite(white, image).convert("RGB"), np.float32) / 255


def draw_picture(prompt: str, options: PointOptions, steps: int = 30, guidance_scale: float = 3.0):
    """A picture [h, w, 3] of the prompt by a text-to-image model."""
    source = pocket.path() if options.image_model == "pocket" else options.image_model
    prior = load_latent(source, offline=options.offline)
    words = prompt if options.image_model == "pocket" else SEEN_AS.format(prompt=prompt)
    condition = prior.condition([words], "", orbit([25.0], 20.0), guidance_scale)
    blank = prior.encode(torch.ones(1, prior.image_size, prior.image_size, 3))
    noise = torch.randn(blank.shape, generator=torch.Generator().manual_seed(options.seed))
    return prior.decode(finished(redraw(prior, blank, condition, 1.0, steps, noise)))[0].numpy()


def picture(cloud: PointCloud, size: int = PREVIEW_SIZE) -> Float[np.ndarray, "h w 3"]:
    """The cloud from all around, side by side."""
    return np.concatenate(list(splat(cloud, turntable(PREVIEW_VIEWS, 15.0), size)), axis=1)
