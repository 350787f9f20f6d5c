"""ControlNet (Zhang et al. 2023, arXiv:2302.05543): a copy of a UNet's encoder is shown a map, and what it makes of it
is added to the UNet's own features through convolutions that start at zero.

Several maps add up. Each has a scale, and a part of the way from noise to picture over which it counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from t2a.errors import UserError
from t2a.types import Cameras

if TYPE_CHECKING:
    from diffusers import ControlNetModel

GUIDED_FROM = 0.04
"""Of the way from noise to picture: in pure noise guidance would make a guided map decide the backdrop's colour too."""
WORD = re.compile(r"(?P<kind>[a-z]+)(=(?P<model>.+?))?(@(?P<numbers>[0-9.:]+))?")


@dataclass(frozen=True)
class ControlChoice:
    """One map, as a user asks for it."""

    kind: str
    model: str | None = None
    """A ControlNet's folder or its name on the hub; None: the pocket model's."""
    scale: float = 1.0
    start: float = 0.0
    end: float = 1.0
    """Shares of the way from noise to picture."""


def parse_controls(text: str, kinds: Sequence[str]) -> tuple[ControlChoice, ...]:
    """From `KIND[=MODEL][@SCALE[:START[:END]]]`, comma separated, such as `depth@0.8:0:0.6,canny=owner/name`.

    Raises UserError for a kind that is none of `kinds`, one that comes twice, and numbers that make no sense.
    """
    choices = [_choice(word.strip(), kinds) for word in text.split(",") if word.strip()]
    names = [choice.kind for choice in choices]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UserError(f"control names {twice[0]} twice; name each kind of map once")
    return tuple(choices)


def _choice(word: str, kinds: Sequence[str]) -> ControlChoice:
    found = WORD.fullmatch(word)
    if not found or found["kind"] not in kinds:
        raise UserError(
            f"control is {word!r}; it must be KIND, KIND=MODEL or KIND@SCALE:START:END with a kind out of: "
            f"{', '.join(kinds)}"
        )
    try:
        numbers = [float(part) for part in (found["numbers"] or "1").split(":")]
        scale, start, end = (*numbers, *(1.0, 0.0, 1.0)[len(numbers) :])
    except ValueError:
        raise UserError(f"control is {word!r}; after @ come up to three numbers, SCALE:START:END") from None
    if not (0 <= scale <= 10 and 0 <= start < end <= 1):
        raise UserError(f"control is {word!r}; the scale must lie between 0 and 10, and 0 <= START < END <= 1")
    return ControlChoice(found["kind"], found["model"], scale, start, end)


@dataclass(frozen=True)
class Control:
    """A map for each image of a batch, and the net that reads it."""

    net: ControlNetModel
    image: Float[Tensor, "b 3 h w"]
    """In [0, 1], as large as the pictures that the UNet makes."""
    scale: float = 1.0
    start: float = 0.0
    end: float = 1.0
    guided: bool = False
    """Not shown to the branch without the prompt: guidance then strengthens the map as it strengthens the text (which
    section 3.4 begins with, and weakens for Stable Diffusion). diffusers shows it to both."""

    @staticmethod
    def of(
        choice: ControlChoice, net: ControlNetModel, maps: Float[Tensor, "b h w 3"], size: int, guided: bool = False
    ) -> Control:
        """Maps of any size are brought to the pictures' `size`."""
        image = maps.permute(0, 3, 1, 2)
        if image.shape[-2:] != (size, size):
            image = functional.interpolate(image, (size, size), mode="bilinear", antialias=True)
        return Control(net, image, choice.scale, choice.start, choice.end, guided)

    def strength(self, t: Int[Tensor, " b"], steps: int) -> Float[Tensor, " b"]:
        """The scale where the map counts, else 0: the way from noise to picture is 1 - t / steps."""
        way = 1 - (t.float() + 1) / steps
        start = max(self.start, GUIDED_FROM) if self.guided else self.start
        return self.scale * ((way >= start) & (way < self.end)).float()


Steer = Callable[[Cameras], tuple[Control, ...]]
"""The maps that views from these cameras are steered by."""


def residuals(
    controls: Sequence[Control],
    z_t: Float[Tensor, "b c y x"],
    t: Int[Tensor, " b"],
    context: Float[Tensor, "b l d"],
    steps: int,
) -> dict[str, Any]:
    """What all of them add, as the arguments that diffusers' UNets take; nothing where none counts at these t. z_t may
    be several times as many as the maps, which are then shown as often; those that are `guided` not the first time."""
    down: list[Tensor] = []
    middle: Tensor | None = None
    for control in controls:
        first = len(control.image) if control.guided and len(z_t) > len(control.image) else 0
        strength = control.strength(t[first:], steps)
        if not strength.any():
            continue
        net = control.net
        image = control.image.to(z_t.device, net.dtype)
        image = image.repeat((len(z_t) - first) // len(image), 1, 1, 1)
        told = z_t[first:].to(net.dtype), t[first:], context[first:].to(net.dtype)
        lower, lowest = net(*told, image, return_dict=False)
        by = strength.to(lowest)[:, None, None, None]
        *lower, lowest = (functional.pad(by * x, (0, 0) * 3 + (first, 0)) for x in (*lower, lowest))
        down = [a + b for a, b in zip(down, lower, strict=True)] if down else lower
        middle = lowest if middle is None else middle + lowest
    if middle is None:
        return {}
    return {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}


def load_controlnet(source: str | Path, unet, *, offline: bool = False) -> ControlNetModel:
    """A folder or a hub id in diffusers' format: frozen, in the UNet's precision and on its device. Raises UserError
    for one that cannot be had or that was made for another UNet."""
    from t2a.priors.catalog import HUB_ID, hub_remedy, quiet

    quiet()
    from diffusers import ControlNetModel

    local = Path(source).is_dir()
    if not local and not HUB_ID.match(str(source)):
        raise UserError(
            f"there is no ControlNet folder {source}; give an existing folder, or a hub id such as owner/name"
        )
    try:
        net = ControlNetModel.from_pretrained(
            source, torch_dtype=unet.dtype, local_files_only=offline or local, use_safetensors=True
        )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        remedy = "copy it again" if local else hub_remedy(offline)
        raise UserError(f"the ControlNet {source} cannot be loaded: {remedy} ({first})") from error
    for name in ("in_channels", "cross_attention_dim", "block_out_channels"):
        own, wanted = (repr(model.config[name]).strip("()[]") for model in (net, unet))
        if own != wanted:
            raise UserError(
                f"the ControlNet {source} belongs to another model: its {name} is {own}, the model's {wanted}; "
                "choose one that was trained with this model"
            )
    return net.to(unet.device).requires_grad_(False).eval()


def beside(unet, channels: tuple[int, ...] = (16, 32, 96, 256)) -> ControlNetModel:
    """A new ControlNet for a UNet: its encoder's copy, and zeros where they are joined. `channels` are those of the
    convolutions that bring a map down to the latents' size."""
    from diffusers import ControlNetModel

    plain = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=channels)
    # diffusers leaves this one at 64 whatever the UNet has, and the copy would not be one.
    options = {name: value for name, value in plain.config.items() if not name.startswith("_")}
    net = ControlNetModel(**{**options, "addition_embed_type_num_heads": unet.config.addition_embed_type_num_heads})
    net.load_state_dict(plain.state_dict())
    return net
