"""Point clouds from files, of other programs or sampled from a mesh's surface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.spatial import cKDTree

from t2a.errors import UserError
from t2a.mesh import read
from t2a.types import Mesh, PointCloud

TEXTS = (".xyz", ".txt", ".csv")
ARRAYS = (".npz", ".npy")
FORMATS = (*TEXTS, *ARRAYS, *read.FORMATS)
FEWEST = 16
"""Points that a shape can be told from."""
MOST = 200_000
"""Points that are kept of larger clouds; more of them say nothing that a field's grid could hold."""
SAMPLES = 50_000
"""Points that stand for a mesh."""


def read_cloud(path: str | Path, seed: int = 0) -> PointCloud:
    """The points of a file, at most MOST (chosen by `seed`), with sRGB colours in [0, 1] where it has some.

    Text has one point per line: x y z, or x y z r g b (0 to 255, or 0 to 1), separated by blanks or commas. NPY is that
    table; NPZ has `points` and `colors`, or Point-E's `coords`, `R`, `G`, `B`. A PLY without faces is a cloud, every
    other mesh is sampled. Raises UserError for a file that is missing, cannot be read, or has no usable points.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"there is no file {path}")
    kind = path.suffix.lower()
    if kind not in FORMATS:
        raise UserError(f"{path} is not a point cloud or mesh that can be read; use one of: {', '.join(FORMATS)}")
    try:
        if kind in TEXTS:
            points, colors = _columns(_text(path))
        elif kind in ARRAYS:
            points, colors = _arrays(path)
        else:
            points, colors = _geometry(path, seed)
    except UserError:
        raise
    except Exception as error:  # each format's parser fails in its own way
        raise UserError(f"{path} cannot be read as points ({type(error).__name__}); export it again") from error
    try:
        return checked(points, colors, seed)
    except UserError as error:
        raise UserError(f"{path} {error}") from error


def checked(points: Any, colors: Any, seed: int = 0) -> PointCloud:
    """A cloud of at most MOST points; raises UserError, which begins with "has", for one that says no shape."""
    points = np.asarray(points, np.float64)
    if points.ndim != 2 or points.shape[1] != 3:
        raise UserError(f"has points of shape {list(points.shape)}; [count, 3] is needed")
    broken = int((~np.isfinite(points)).any(1).sum())
    if broken:
        raise UserError(f"has {broken:,} points of {len(points):,} that are NaN or infinite; remove them")
    if len(points) < FEWEST:
        raise UserError(f"has {len(points)} points; at least {FEWEST} are needed to tell a shape")
    if not np.ptp(points, axis=0).max() > 0:
        raise UserError("has all its points in one place; give it an extent")
    if colors is not None:
        colors = np.asarray(colors, np.float64)
        if colors.shape != points.shape or not np.isfinite(colors).all():
            raise UserError(f"has colours of shape {list(colors.shape)}; one finite red, green and blue for each point")
        colors = (colors / 255 if colors.max() > 1 else colors).clip(0, 1).astype(np.float32)
    if len(points) > MOST:
        kept = np.random.default_rng(seed).choice(len(points), MOST, replace=False)
        points, colors = points[kept], None if colors is None else colors[kept]
    # Centred in double precision: survey coordinates have millions of metres before the point.
    middle = (points.min(0) + points.max(0)) / 2
    return PointCloud((points - middle).astype(np.float32), colors)


def sampled(mesh: Mesh, count: int, seed: int = 0) -> PointCloud:
    """`count` random points of a mesh's surface, evenly, with its vertex colours where it has some."""
    import trimesh

    colors = None if mesh.colors is None else (np.asarray(mesh.colors).clip(0, 1) * 255 + 0.5).astype(np.uint8)
    surface = trimesh.Trimesh(mesh.vertices, mesh.faces, vertex_colors=colors, process=False)
    points, _, seen = trimesh.sample.sample_surface(surface, count, sample_color=True, seed=seed)
    found = None if colors is None else np.asarray(seen)[:, :3].astype(np.float32) / 255
    return PointCloud(points.astype(np.float32), found)


def spacing(points: Float[np.ndarray, "n 3"]) -> float:
    """How far apart neighbours are where points are sparse: the 90th percentile of the distance to the second next."""
    distances, _ = cKDTree(points).query(points, k=3)
    return float(np.quantile(distances[:, 2], 0.9))


def _text(path: Path) -> np.ndarray:
    lines = path.read_text(encoding="utf-8").replace(",", " ").splitlines()
    rows = [line.split() for line in lines if line.strip() and not line.lstrip().startswith(("#", "//"))]
    if rows and not _is_number(rows[0][0]):
        rows = rows[1:]  # a line of column names
    lengths = {len(row) for row in rows}
    if len(lengths) != 1 or not lengths <= {3, 4, 6, 7}:
        raise UserError(f"{path} is no table of points; each line needs x y z, or x y z r g b")
    try:
        return np.array(rows, np.float64)
    except ValueError as error:
        raise UserError(f"{path} is no table of points ({error}); each line needs x y z, or x y z r g b") from error


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _columns(table: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """x y z, x y z intensity, x y z r g b or x y z r g b a."""
    if table.ndim != 2 or table.shape[1] not in (3, 4, 6, 7):
        raise UserError(f"an array of shape {list(table.shape)} is no table of points; [count, 3] or [count, 6] is")
    return table[:, :3], table[:, 3:6] if table.shape[1] >= 6 else None


def _arrays(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    data = np.load(path, allow_pickle=False)
    if isinstance(data, np.ndarray):
        return _columns(data)
    for name in ("points", "coords"):
        if name in data:
            if "colors" in data:
                return data[name], data["colors"]
            channels = [data[c] for c in "RGB"] if all(c in data for c in "RGB") else None
            return data[name], None if channels is None else np.stack(channels, axis=1)
    raise UserError(f"{path} has the arrays {', '.join(data.files)}; `points` (or Point-E's `coords`) is needed")


def _geometry(path: Path, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
    import trimesh

    if path.suffix.lower() == ".ply":
        loaded = trimesh.load(path, process=False)
        if isinstance(loaded, trimesh.PointCloud):
            colors = loaded.colors
            return loaded.vertices, colors[:, :3] if colors is not None and len(colors) else None
    parts = read.parts_of(path)
    areas = np.array([part.area for part in parts])
    if not (np.isfinite(areas).all() and areas.sum() > 0):
        raise UserError(f"{path} has no surface: its triangles are lines or points, or not finite; export it again")
    counts = np.ceil(SAMPLES * areas / areas.sum()).astype(int)
    points, colors = [], []
    for part, count in zip(parts, counts, strict=True):
        found, _, seen = trimesh.sample.sample_surface(_plain(part), int(count), sample_color=True, seed=seed)
        points.append(found)
        colors.append(np.asarray(seen)[:, :3])
    return np.concatenate(points), np.concatenate(colors)


def _plain(part: Any) -> Any:
    """The part in a form that `sample_surface` takes colours from: a plain texture, or colours of its own."""
    import trimesh

    if hasattr(part.visual, "uv"):
        if part.visual.uv is None or read.image_of(part) is None:
            color = np.asarray(part.visual.material.main_color, np.uint8)
            part.visual = trimesh.visual.ColorVisuals(part, face_colors=np.tile(color, (len(part.faces), 1)))
        elif hasattr(part.visual.material, "to_simple"):
            part.visual.material = part.visual.material.to_simple()
    return part
