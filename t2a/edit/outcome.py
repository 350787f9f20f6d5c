"""What an edit makes of an object: where its shape and its colours change, and the scene that knows how."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from t2a import lift as lifting
from t2a.config import Config
from t2a.distill.drawing import Drawing, resized
from t2a.errors import UserError
from t2a.lift import Lifted
from t2a.paint import paint_of
from t2a.pipelines import LOOK_SIZE, SOFTNESS, around
from t2a.priors.instruct import InstructPrior
from t2a.scene import NeRFScene
from t2a.scene.changes import Changed, Region, changed, kept, recolored, reshaped
from t2a.scene.fusion import Seen, enlarged
from t2a.scene.guide import SIZE
from t2a.scene.initialisation import trilinear
from t2a.scene.painted_mesh import PaintedMeshScene
from t2a.scene.source import RESOLUTION, Source
from t2a.seeds import stream

STREAM = 5
"""Tells these random numbers from those of the stages."""
ROOM = 0.93
"""How large the object is in the scene where its shape may change, as a share of what it is otherwise: a hat needs
room. The pocket model has learnt such edits on objects of 0.6 to 0.73 scene units."""


@dataclass(frozen=True)
class Edit:
    """What is to become of the object."""

    surface: Float[Tensor, "n n n"] | None
    """Signed distance on the nodes of the source's grid; None where the shape stays."""
    region: Region | None
    """Where the shape may differ."""
    paint: Region
    """Where the colours do."""
    seen: Seen
    """What the views show, with what was there before wherever nothing has changed."""
    pixels: Changed
    scene: Any = None
    drawing: Drawing | None = None

    @staticmethod
    def of(source: Source, before: Seen, like: Seen, after: Seen, where: Bool[Tensor, "n n n"], config: Config) -> Edit:
        """From views before and after it. `like` is what was there before as the views after it would show it: changed
        is what differs from that. Raises UserError where nothing is."""
        pixels = _within(changed(like, after), before, after, where)
        if not config.edit.geometry_change:
            pixels = replace(pixels, shape=torch.zeros_like(pixels.shape))
        if not pixels.anything:
            raise UserError(
                'the instruction has changed nothing; say what should be different ("make it blue", "add a santa '
                'hat"), raise --text-guidance, lower --image-guidance, or widen the mask'
            )
        seen = kept(before, after, pixels)
        paint = recolored(seen, pixels, RESOLUTION).share * where
        if not pixels.reshapes:
            return Edit(None, None, Region(paint), seen, pixels)
        change = config.edit.geometry_change
        reach = SIZE * ROOM * change if change < 1 else torch.inf
        surface, region = reshaped(before, seen, source.guide.distance, where, reach)
        # What is new has no old colour.
        return Edit(surface, region, Region(torch.maximum(paint, region.share)), seen, pixels)


def _within(pixels: Changed, before: Seen, after: Seen, where: Bool[Tensor, "n n n"]) -> Changed:
    """Only the pixels that show a place, before or after the edit, that may change."""
    if where.all():
        return pixels
    may = torch.zeros_like(pixels.color)
    for seen in (before, after):
        found = trilinear(where[None].float(), seen.points().reshape(-1, 3), 1.0)[0].reshape(may.shape)
        may |= (found > 0.5) & seen.inside
    return replace(pixels, shape=pixels.shape & may, color=pixels.color & may)


def lifted_edit(
    prior: InstructPrior, source: Source, lifted: Lifted, where: Bool[Tensor, "n n n"], config: Config
) -> Edit:
    """From the first edited views, and the scene that they begin."""
    drawing, size = lifted.drawing, lifted.drawing.target.shape[1]
    render = source.render(drawing.views, size, drawing.behind)
    before = Seen.of(drawing.views, render)
    # What the model makes of the object itself: how it draws and where it sees things is not the instruction's doing.
    with torch.no_grad():
        z = prior.encode(before.rgb.to(prior.device))
        noise = torch.randn(z.shape, generator=stream(config.seed, STREAM)).to(z)
        depth = prior.depth(z, None, drawing.views, noise)
    distance = enlarged(depth.distance, depth.inside > 0, size).cpu()
    like = replace(before, rgb=resized(prior.decode(z), size).cpu(), distance=distance)
    edit = Edit.of(source, before, like, lifted.seen, where, config)
    assert drawing.silhouettes is not None
    shape = edit.pixels.shape[..., None].to(drawing.silhouettes.device)
    silhouettes = torch.where(shape, drawing.silhouettes, render.opacity)
    shown = replace(drawing, target=edit.seen.rgb.to(drawing.target), silhouettes=silhouettes)
    if edit.surface is not None:
        scene: Any = lifting.lifted_scene(Lifted(shown, edit.seen, edit.surface), config, SOFTNESS)
    else:
        scene = PaintedMeshScene(source.mesh, paint_of(config, prior.image_size), seed=config.seed)
    return replace(edit, scene=scene, drawing=shown)


@torch.no_grad()
def compared(scene: NeRFScene, config: Config) -> Seen:
    """What a scene shows all around."""
    cameras = around(config).to(config.device)
    behind = torch.tensor(config.scene.backdrop, device=config.device)
    return Seen.of(cameras, scene.render(cameras, LOOK_SIZE, LOOK_SIZE, background=behind))
