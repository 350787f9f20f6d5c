"""What can be edited (a mesh file's parts, or the mesh around a cloud), and what the file says of how it was made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from t2a.config import Config
from t2a.errors import UserError
from t2a.export.readback import read_document
from t2a.mesh.decimate import MAX_FACES
from t2a.mesh.parts import read_parts
from t2a.mesh.read import has_triangles
from t2a.mesh.read_cloud import read_cloud
from t2a.surface import points_to_mesh
from t2a.types import Part


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
    return parts


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
