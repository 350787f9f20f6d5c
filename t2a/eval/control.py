"""How far pictures follow the maps that they are steered by: held-out scenes are drawn by the prior with a ControlNet
and without, from the same noise, and what the pictures show is measured against the map of the true scene."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from skimage.morphology import dilation, disk
from torch import Tensor
from torch.nn import functional

from t2a.cameras import generate_rays, turntable
from t2a.config import Config
from t2a.distill.drawing import first_steps, redraw
from t2a.errors import UserError
from t2a.eval.prompts import Prompt, retrieval_prompts
from t2a.eval.retrieval import ELEVATION, PIXELS
from t2a.events import finished
from t2a.export.files import check_writable, write_json, write_png
from t2a.mesh.maps import KINDS, GeometryBuffer, canny_map, control_map, flat_colors, seen_geometry
from t2a.pipelines import check_device, load_prior
from t2a.pocket import control_path
from t2a.pocket.world import scene as world_scene
from t2a.priors.condition import Condition
from t2a.priors.control import Control, ControlChoice, load_controlnet
from t2a.priors.latent import LatentPrior
from t2a.schedule import value_at
from t2a.types import Cameras

SEED = 7001
VIEWS = 4
APART = 2
"""Pixels by which two lines may miss each other."""


@dataclasses.dataclass(frozen=True)
class Steered:
    """One scene and one kind of map; how far what is seen disagrees with the map, from 0 (not at all) to 1."""

    caption: str
    kind: str
    free: float
    """Drawn without the map."""
    steered: float
    true: float
    """The scene's true pictures, looked at in the same way: what a perfect drawing would reach."""


@dataclasses.dataclass(frozen=True)
class Truth:
    """A scene from VIEWS cameras."""

    rgb: Float[Tensor, "v h w 3"]
    geometry: GeometryBuffer
    parts: Int[Tensor, "v h w"]

    def map(self, kind: str) -> Float[Tensor, "v h w 3"]:
        return flat_colors(self.parts) if kind == "segmentation" else control_map(kind, self.geometry)


def true_scene(prompt: Prompt, number: int, cameras: Cameras) -> Truth:
    seen = world_scene(SEED, number, spec=prompt.spec).render(cameras, PIXELS)
    distance = torch.from_numpy(seen.depth)[..., None]
    geometry = seen_geometry(distance, torch.from_numpy(seen.normal), (distance > 0).float(), cameras)
    return Truth(torch.from_numpy(seen.rgb).float(), geometry, torch.from_numpy(seen.label).long())


def lines_apart(a: Bool[np.ndarray, "v h w"], b: Bool[np.ndarray, "v h w"]) -> float:
    """One minus the F-score of the lines of two pictures, which may miss each other by APART pixels."""
    near = disk(APART)

    def found(of: np.ndarray, among: np.ndarray) -> float:
        wide = np.stack([dilation(one, near) for one in among])
        return float((of & wide).sum() / max(of.sum(), 1))

    recall, precision = found(a, b), found(b, a)
    return 1 - 2 * recall * precision / max(recall + precision, 1e-9)


def unexplained(picture: Float[Tensor, "v h w 3"], parts: Int[Tensor, "v h w"]) -> float:
    """Share of the variance of a picture's colours that lies within the parts, what is behind them being one."""
    within = torch.zeros(())
    for part in parts.unique():
        colors = picture[parts == part]
        within = within + (colors - colors.mean(0)).square().sum()
    return float(within / (picture - picture.mean((0, 1, 2))).square().sum().clamp(min=1e-9))


def disagreement(kind: str, truth: Truth, picture: Float[Tensor, "v h w 3"], seen: GeometryBuffer) -> float:
    """Of what is seen in pictures (their geometry as the prior's depth head reads it) with the true map of a `kind`:
    the mean difference of depth or normal maps wherever either scene is, of outlines by `lines_apart`, of parts the
    share of colour that is `unexplained` by them."""
    if kind == "segmentation":
        return unexplained(picture, truth.parts)
    if kind == "canny":
        lines = [(m[..., 0] > 0.5).numpy() for m in (truth.map("canny"), canny_map(picture))]
        return lines_apart(*lines)
    found, wanted = control_map(kind, seen), truth.map(kind)
    if kind == "scribble":
        return lines_apart((wanted[..., 0] > 0.5).numpy(), (found[..., 0] > 0.5).numpy())
    either = (truth.geometry.seen | seen.seen)[..., 0]
    return float((found - wanted).abs()[either].mean())


def seen_normals(distance: Float[Tensor, "v h w 1"], cameras: Cameras) -> Float[Tensor, "v h w 3"]:
    """Unit normals in world space, towards the camera, of what lies at these distances along the rays: along each axis
    of the picture the nearer neighbour tells the slope, so that an outline is no slope. 0 where nothing is."""
    rays = generate_rays(cameras, *distance.shape[1:3])
    directions = rays.directions.reshape(*distance.shape[:3], 3)
    points = directions * distance

    def slope(axis: int) -> Tensor:
        after = points.roll(-1, axis) - points
        before = points - points.roll(1, axis)
        nearer = after.norm(dim=-1, keepdim=True) < before.norm(dim=-1, keepdim=True)
        return torch.where(nearer, after, before)

    normal = functional.normalize(torch.linalg.cross(slope(2), slope(1)), dim=-1)
    normal = torch.where((normal * directions).sum(-1, keepdim=True) > 0, -normal, normal)
    return normal * (distance > 0)


@torch.no_grad()
def looked_at(prior: LatentPrior, z: Tensor, condition: Condition, cameras: Cameras, noise: Tensor) -> GeometryBuffer:
    """What the depth head sees in latents, in pixels of the pictures' size."""
    found = prior.depth(z, dataclasses.replace(condition, controls=()), cameras, noise)
    distance = torch.where(found.inside > 0, found.distance, 0.0)[..., None].cpu()
    normal, times = seen_normals(distance, cameras), PIXELS // distance.shape[1]
    distance, normal = (x.repeat_interleave(times, 1).repeat_interleave(times, 2) for x in (distance, normal))
    return seen_geometry(distance, normal, (distance > 0).float(), cameras)


def main(output: Path, config: Config, count: int = 12) -> int:
    """Draw `count` held-out scenes, without maps and with each kind, and write figures and a sheet into `output`."""
    if not 1 <= count <= 100:
        raise UserError(f"count is {count}; it must be at least 1 and at most 100")
    check_device(config.device)
    prior = load_prior(config)
    if prior.depth_head is None:
        raise UserError("only the pocket model reads the geometry of what it draws; use --model pocket")
    check_writable(output / "control.json")
    net = load_controlnet(control_path(), prior.unet)
    cameras = turntable(VIEWS, ELEVATION, config.cameras.distance[1], config.cameras.fov[1])
    results, rows = [], []
    for number, prompt in enumerate(retrieval_prompts(count, SEED)):
        own, row = steer(prior, net, prompt, number, cameras, config)
        results += own
        rows.append(row)
        told = ", ".join(f"{r.kind} {r.free:.2f} -> {r.steered:.2f}" for r in own)
        print(f"{number + 1:3d}/{count}  {prompt.caption}: {told}", flush=True)
        write_png(output / "control.png", np.concatenate(rows))
        parts = {"summary": summarize(results), "results": list(map(dataclasses.asdict, results))}
        write_json(output / "control.json", parts)
    for kind, line in summarize(results).items():
        print(f"{kind}: {line['free']:.3f} without, {line['steered']:.3f} with the map (true {line['true']:.3f})")
    return 0


def steer(
    prior: LatentPrior, net, prompt: Prompt, number: int, cameras: Cameras, config: Config
) -> tuple[list[Steered], np.ndarray]:
    """One scene: how each kind of map is followed, and a row of the first view: the truth, drawn freely, then each map
    and what was drawn with it."""
    truth = true_scene(prompt, number, cameras)
    scale = value_at(config.refine.refine_guidance, 0.0)
    condition = prior.condition([prompt.caption] * VIEWS, "", cameras, scale)
    true_z = prior.encode(truth.rgb.to(prior.device))
    generator = torch.Generator().manual_seed(config.seed + number)
    noise, again = (torch.randn(true_z.shape, generator=generator).to(true_z) for _ in range(2))

    def drawn(controls: tuple[Control, ...]) -> tuple[Tensor, GeometryBuffer]:
        told = dataclasses.replace(condition, controls=controls)
        z = finished(redraw(prior, torch.zeros_like(noise), told, 1.0, first_steps(config.refine), noise))
        return prior.decode(z).clamp(0, 1).cpu(), looked_at(prior, z, condition, cameras, again)

    free, true = drawn(()), (truth.rgb, looked_at(prior, true_z, condition, cameras, again))
    results, cells = [], [truth.rgb[0], free[0][0]]
    for kind in KINDS:
        wanted = truth.map(kind)
        steered = drawn((Control.of(ControlChoice(kind), net, wanted, prior.image_size, guided=True),))
        apart = [disagreement(kind, truth, *one) for one in (free, steered, true)]
        results.append(Steered(prompt.caption, kind, *apart))
        cells += [wanted[0], steered[0][0]]
    return results, torch.cat(cells, dim=1).numpy()


def summarize(results: Sequence[Steered]) -> dict[str, dict[str, float]]:
    """Means of each kind of map."""
    return {
        kind: {
            name: float(np.mean([getattr(r, name) for r in results if r.kind == kind]))
            for name in ("free", "steered", "true")
        }
        for kind in KINDS
    }
