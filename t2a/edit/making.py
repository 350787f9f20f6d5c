"""From an edit to the edited object's parts: its own, in other colours, and a new one where the shape changes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial

import numpy as np
import torch
from jaxtyping import Float

from t2a.canvas import Canvas
from t2a.config import Config
from t2a.edit.grafting import grafted
from t2a.edit.outcome import Edit
from t2a.events import Event
from t2a.mesh import clean, decimate, extract_mesh
from t2a.mesh.extract import NOTHING, softened
from t2a.paint import new_material
from t2a.pipelines import LOOK_SIZE, SMOOTHING, Clock, around, colored_field, extract, look
from t2a.scene.initialisation import trilinear
from t2a.scene.source import Source
from t2a.texture import bake, unwrap
from t2a.texture.usable import with_usable_uvs
from t2a.types import Material, Mesh, Part

Field = Callable[[Float[np.ndarray, "n 3"]], np.ndarray]
SHARPNESS = 80.0
"""How fast the object's own density falls off at its surface, per scene unit."""


def mixed_color(source: Source, edit: Edit, color, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    """The edited scene's colour where the edit has changed it, the object's own elsewhere."""
    new = edit.paint(torch.from_numpy(points)).numpy() > 0.5
    found = np.empty((len(points), 3), np.float32)
    found[new], found[~new] = color(points[new]), source.color(points[~new])
    return found


def mixed_density(
    source: Source, edit: Edit, density: Field, threshold: float, points: Float[np.ndarray, "n 3"]
) -> Float[np.ndarray, " n"]:
    """Of the object itself, whose surface has the density `threshold`, and of the edited scene where the edit may have
    changed the shape; between them their geometric mean."""
    assert edit.region is not None
    where = torch.from_numpy(points)
    share = edit.region(where).numpy()
    away = trilinear(source.guide.distance[None], where, 1.0)[0].numpy()
    own = -SHARPNESS * away
    new = share > 0
    own[new] *= 1 - share[new]
    own[new] += share[new] * np.log(np.maximum(density(points[new]), NOTHING) / threshold)
    return threshold * np.exp(own.clip(-20, 20))


def made(source: Source, edit: Edit, config: Config, clock: Clock) -> Generator[Event, None, list[Part]]:
    """The object's own parts, in other colours where the edit has changed them, and a new one where it has changed the
    shape. Of an object that is no solid all of the mesh is new then."""
    scene, size = edit.scene, config.mesh.texture
    density, color = colored_field(scene, None)
    mixed = partial(mixed_color, source, edit, color)
    parts: list[Part] = []
    with clock("texture"):
        for number, part in enumerate(source.parts):
            yield Event("texture", number, len(source.parts))
            parts.append(_repainted(part, source, edit, partial(bake, color=mixed, density=density, size=size), size))
        yield Event("texture", len(source.parts), len(source.parts))
    if edit.region is None:
        return parts
    assert density is not None
    with clock("mesh"):
        yield Event("mesh", 0, 3)
        threshold = extract(scene, density, config).threshold
        soft = softened(density, 2 / config.mesh.resolution)
        solid = partial(mixed_density, source, edit, soft, threshold)
        rough = _extracted(source, edit, solid, threshold, config)
        new = decimate(clean(rough, smooth=SMOOTHING), config.mesh.faces)
        yield Event("mesh", 1, 3)
        graft = grafted([part.mesh for part in parts], new, edit.region, source.to_file)
        stays, patch = ([], new.with_(vertices=source.to_file(new.vertices))) if graft is None else graft
        yield Event("mesh", 2, 3)
        patch = unwrap(patch, size)
        material = bake(source.to_scene(patch), mixed, solid, size)
        yield Event("mesh", 3, 3)
    kept = [Part(part.name, mesh, part.material) for part, mesh in zip(parts, stays, strict=False) if len(mesh.faces)]
    return [*kept, Part(_new_name(kept), patch, material)]


def _repainted(part: Part, source: Source, edit: Edit, baked: Callable[[Mesh], Material], size: int) -> Part:
    """The part with the colours that `baked` gives a mesh in scene units, where the edit has changed them."""
    mapped, why = with_usable_uvs(part.mesh, size)
    there = source.to_scene(mapped)

    def share(points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
        return np.repeat(edit.paint(torch.from_numpy(points)).numpy()[:, None], 3, axis=1)

    changed = bake(there, share, None, size, samples=1).base_color
    assert changed is not None
    mask = changed[..., 0] > 0.5
    if not mask.any():
        return part
    canvas = Canvas(mapped, part.material, (), mask, mapped is part.mesh, why)
    image = baked(there).base_color
    assert image is not None
    return Part(part.name, mapped, new_material(canvas, image))


def _extracted(source: Source, edit: Edit, solid: Field, threshold: float, config: Config) -> Mesh:
    """The surface that the object and the edited scene make together."""
    cameras = around(config)
    own = source.render(cameras.to(config.device), LOOK_SIZE, torch.zeros(1, 1, 1, 3, device=config.device))
    opacity = np.maximum(look(edit.scene, None, cameras, LOOK_SIZE)[1], own.opacity[..., 0].cpu().numpy())
    return extract_mesh(solid, opacity, cameras, config.mesh.resolution, threshold=threshold).mesh


def _new_name(parts: Sequence[Part]) -> str:
    """Of the part that an edit adds."""
    taken = {part.name for part in parts}
    return next(name for name in ("edit", *(f"edit {n}" for n in range(2, len(parts) + 3))) if name not in taken)
