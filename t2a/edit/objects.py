"""What can be edited (the parts of a mesh file, the mesh around a cloud, or that of a scene which pictures show), and
what the file says of how it was made."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from t2a.capture import transforms
from t2a.capture.fitting import captured
from t2a.config import Config
from t2a.errors import UserError
from t2a.events import Event
from t2a.export.readback import read_document
from t2a.mesh.decimate import MAX_FACES
from t2a.mesh.parts import read_parts
from t2a.mesh.read import has_triangles
from t2a.mesh.read_cloud import read_cloud
from t2a.nerfstudio import checkpoint
from t2a.surface import points_to_mesh
from t2a.texture import bake_vertex_colors, with_usable_uvs
from t2a.types import Part


@dataclass(frozen=True)
class Subject:
    """What is edited."""

    parts: Sequence[Part]
    psnr: float | None = None
    """How well they show what the pictures that they were made of show, in dB; None of what was a mesh or a cloud
    before. Their colours are as they were lit then."""


def read_subject(file: Path, config: Config) -> Generator[Event, None, Subject]:
    """What a file holds, or a folder with a transforms.json or a config.yml of nerfstudio's. Raises UserError for what
    cannot be read."""
    if file.is_dir():
        file = _inside(file)
    if checkpoint.is_checkpoint(file):
        capture = yield from checkpoint.read_checkpoint(file)
    elif transforms.lists_pictures(file):
        capture = transforms.read_transforms(file)
    else:
        return Subject(read_object(file, config))
    part, psnr = yield from captured(capture, config)
    return Subject([part], psnr)


def _inside(folder: Path) -> Path:
    names = (transforms.NAME, checkpoint.NAME)
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise UserError(
        f"{folder} holds neither {' nor '.join(names)}; name a file, or a folder that nerfstudio has written"
    )


def read_object(file: Path, config: Config) -> Sequence[Part]:
    """The parts of a mesh file, or of the mesh around the points of a cloud. Raises UserError for other files."""
    if file.suffix.lower() == ".json" and file.with_suffix(".glb").is_file():
        file = file.with_suffix(".glb")  # an earlier run's report
    if file.is_file() and not has_triangles(file):
        asset = points_to_mesh(read_cloud(file, config.seed), config.mesh)
        return [Part("asset", asset.mesh, asset.material)]
    parts = read_parts(file)
    count = sum(len(part.mesh.faces) for part in parts)
    if count > MAX_FACES:
        raise UserError(f"{file} has {count:,} triangles; at most {MAX_FACES:,} can be edited: simplify it first")
    return [textured(part, config.mesh.texture) for part in parts]


def textured(part: Part, size: int) -> Part:
    """The part with a texture in place of vertex colours, if it has such."""
    if part.mesh.colors is None or part.material.base_color is not None:
        return part
    mesh, _ = with_usable_uvs(part.mesh, size)
    material = replace(part.material, base_color=bake_vertex_colors(mesh, size))
    return Part(part.name, mesh.with_(colors=None), material)


def bare(parts: Sequence[Part]) -> list[str]:
    """A warning for an object that has no colours."""
    plain = [part.name for part in parts if part.material.base_color is None and not part.material.kept]
    if len(plain) < len(parts):
        return []
    return ["the object has neither textures nor colours, so it is edited as a grey one; t2a paint gives it some"]


def history(file: Path) -> list[dict[str, Any]]:
    """What the file says of how it was made: an entry for its prompt and for every instruction since."""
    try:
        told = read_document(file.with_suffix(".glb") if file.suffix.lower() == ".json" else file)[0]
    except (UserError, OSError, ValueError):
        return []
    extras = told.get("asset", {}).get("extras", {})
    if not isinstance(extras, dict):
        return []
    if isinstance(extras.get("history"), list):
        return extras["history"]
    first = {name: extras[name] for name in ("prompt", "seed", "model") if name in extras}
    return [first] if first else []
