"""Light and shade (Poole et al. 2022, DreamFusion, sections 3.1 and 3.2): pure functions of normals, points and light
positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from t2a.cameras import camera_to_world
from t2a.errors import UserError
from t2a.types import Cameras

Shading = Literal["albedo", "textureless", "lambertian", "normal"]
"""albedo: colour as it is; lambertian: albedo under a point light; textureless: the same in white; normal: (n + 1) /
2."""

AMBIENT, DIFFUSE = 0.1, 0.9
DREAMFUSION = {"albedo": 0.25, "textureless": 0.375, "lambertian": 0.375}


def choose_shading(generator: torch.Generator, probabilities: Mapping[str, float] = DREAMFUSION) -> Shading:
    """One shading at random; the probabilities need not sum to one. Early steps use {"albedo": 1}."""
    names = list(probabilities)
    for name in names:
        check_shading(name)
    weights = torch.tensor([float(probabilities[name]) for name in names])
    return names[int(torch.multinomial(weights, 1, generator=generator))]  # type: ignore[return-value]


def check_shading(name: str) -> None:
    if name not in get_args(Shading):
        raise UserError(f"shading is {name!r}; choose one of {', '.join(get_args(Shading))}")


def sample_lights(
    cameras: Cameras,
    generator: torch.Generator | None = None,
    *,
    spread: float = 1.0,
    distance: tuple[float, float] = (0.8, 1.5),
) -> Float[Tensor, "b 3"]:
    """A point light per camera, in the direction N(camera position, spread^2) at `distance` scene units from the
    origin. Without a generator: at the camera."""
    position = camera_to_world(cameras)[:, :, 3]
    if generator is None:
        return position
    noise = torch.randn(position.shape, generator=generator, device=generator.device).to(position.device)
    radius = torch.rand(len(position), 1, generator=generator, device=generator.device).to(position.device)
    radius = distance[0] + (distance[1] - distance[0]) * radius
    return torch.nn.functional.normalize(position + spread * noise, dim=-1) * radius


def studio_lights(cameras: Cameras, lift: float = 0.6, distance: float = 1e3) -> Float[Tensor, "b 3"]:
    """One far light per camera, hanging above it: in the camera's direction plus `lift` times up."""
    direction = torch.nn.functional.normalize(camera_to_world(cameras)[:, :, 2], dim=-1)
    up = direction.new_tensor([0.0, lift, 0.0])
    return torch.nn.functional.normalize(direction + up, dim=-1) * distance


def lambert(
    normal: Float[Tensor, "*n 3"],
    to_light: Float[Tensor, "*n 3"],
    *,
    ambient: float = AMBIENT,
    diffuse: float = DIFFUSE,
) -> Float[Tensor, "*n 1"]:
    """ambient + diffuse * max(0, n . l), with l the unit vector towards the light."""
    direction = torch.nn.functional.normalize(to_light, dim=-1)
    return ambient + diffuse * (normal * direction).sum(-1, keepdim=True).clamp(min=0)


def shade(
    shading: Shading,
    albedo: Float[Tensor, "*n 3"],
    opacity: Float[Tensor, "*n 1"],
    normal: Float[Tensor, "*n 3"] | None = None,
    to_light: Float[Tensor, "*n 3"] | None = None,
    *,
    ambient: float = AMBIENT,
    diffuse: float = DIFFUSE,
) -> Float[Tensor, "*n 3"]:
    """Shaded colour, premultiplied by the opacity like `albedo`. All but "albedo" need normals, and lit ones the
    light."""
    if shading == "albedo":
        return albedo
    assert normal is not None
    if shading == "normal":
        return (normal + 1) / 2 * opacity
    assert to_light is not None
    light = lambert(normal, to_light, ambient=ambient, diffuse=diffuse)
    return light * (opacity if shading == "textureless" else albedo)
