"""A shape that a user gives: what a scene starts from, how strictly it is held to it, and the maps of it that steer the
prior."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import torch

from t2a import pocket
from t2a.config import NO_FILE, Config, RefineConfig
from t2a.distill.loop import Departure
from t2a.errors import UserError
from t2a.mesh.maps import KINDS, control_map, mesh_geometry, part_labels, render_geometry
from t2a.mesh.primitives import is_primitives, primitives_mesh, read_primitives
from t2a.mesh.read import has_triangles, read_mesh, z_up_to_y_up
from t2a.mesh.read_cloud import read_cloud
from t2a.priors.control import Control, Steer, load_controlnet, parse_controls
from t2a.priors.latent import LatentPrior
from t2a.scene import Guide, NeRFScene, Scene, sketch_shape_at_random_points, strictness
from t2a.scene.cloud import guide_from_cloud, placed
from t2a.scene.guide import guide_from_mesh
from t2a.types import Cameras, Mesh, PointCloud


@dataclass(frozen=True)
class Given:
    """A file's shape: points, or a surface where it has to be followed."""

    cloud: PointCloud | None = None
    """Placed in the scene."""
    mesh: Mesh | None = None

    def guide(self) -> Guide:
        if self.mesh is not None:
            return guide_from_mesh(self.mesh)
        assert self.cloud is not None
        return guide_from_cloud(self.cloud)


def read_given(config: Config) -> Given | None:
    """The file that the options name as the scene's start, or None. Raises UserError for one that cannot be used.

    A mesh whose shape is only the start stands for its points, which also have its colours. What has to be followed is
    the surface itself: points do not tell a thin wall from a solid.
    """
    path, up = config.given.init, config.given.init_up
    if path in NO_FILE:
        return None
    followed = config.given.strictness is not None or bool(config.given.control)
    if is_primitives(path) or (followed and has_triangles(path)):
        mesh = primitives_mesh(read_primitives(path)) if is_primitives(path) else read_mesh(path)
        return Given(mesh=mesh.with_(vertices=z_up_to_y_up(mesh.vertices)) if up == "z" else mesh)
    cloud = read_cloud(path, config.seed)
    if up == "z":
        cloud = PointCloud(z_up_to_y_up(cloud.points), cloud.colors)
    return Given(cloud=placed(cloud))


def departure_from(guide: Guide, scene: NeRFScene, how_strictly: float | None) -> Departure:
    """How far the scene is from the guide: the Sketch-Shape loss, by default Latent-NeRF's recipe."""
    how = strictness(0.5 if how_strictly is None else how_strictly)

    def departure(generator: torch.Generator) -> torch.Tensor:
        return how.weight * sketch_shape_at_random_points(scene.field.density, guide, generator, sigma_s=how.sigma_s)

    return departure


def rounds_of(config: Config) -> RefineConfig:
    """The rounds of a scene that starts from a given shape: a first round that is drawn from noise alone would forget
    it, and so would the others with as much noise, unless a map tells the prior of it."""
    if config.given.control:
        return config.refine
    return dataclasses.replace(config.refine, first_strength=None, strength=config.refine.guided_strength)


def check_controls(config: Config) -> None:
    """Raise UserError for maps that cannot be had, before anything is loaded."""
    for choice in parse_controls(config.given.control, KINDS):
        if choice.model is None and config.model != "pocket":
            raise UserError(
                f"control {choice.kind} needs a ControlNet that fits {config.model}; "
                f"name its folder or hub id: --control {choice.kind}=OWNER/NAME"
            )
        if choice.kind == "segmentation" and config.given.init in NO_FILE:
            raise UserError("control segmentation needs parts, which only a given mesh has; add --init FILE")


def steering(config: Config, prior: LatentPrior, scene: Scene, guide: Guide | None) -> Steer | None:
    """The maps that the options ask for, drawn of the guide or else of the scene as it is at that moment."""
    choices = parse_controls(config.given.control, KINDS)
    if not choices:
        return None
    sources: list[str | Path] = [choice.model or pocket.control_path() for choice in choices]
    nets = {source: load_controlnet(source, prior.unet, offline=config.offline) for source in set(sources)}
    size, labels = prior.image_size, None if guide is None else part_labels(guide.mesh)

    @torch.no_grad()
    def steer(views: Cameras) -> tuple[Control, ...]:
        if guide is not None:
            geometry = mesh_geometry(guide.mesh, views, size, size)
        else:
            geometry = render_geometry(scene.render(views, size, size, normals=True), views)
        return tuple(
            Control.of(choice, nets[source], control_map(choice.kind, geometry, labels), size, choice.model is None)
            for choice, source in zip(choices, sources, strict=True)
        )

    return steer
