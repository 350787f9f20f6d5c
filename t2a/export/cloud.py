"""Point clouds out, by the file's suffix."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from t2a.errors import UserError
from t2a.export.files import replacing
from t2a.export.ply import write_points
from t2a.types import PointCloud

FORMATS = (".ply", ".npz", ".xyz")


def write_cloud(path: Path, cloud: PointCloud) -> Path:
    """By the file's suffix: PLY (binary, 8-bit colours), NPZ (`points` and `colors`), or XYZ (a line per point: x y z,
    and r g b from 0 to 255). Raises UserError for another suffix."""
    suffix = path.suffix.lower()
    if suffix == ".ply":
        return write_points(path, cloud)
    if suffix not in FORMATS:
        raise UserError(f"{path} does not end in {', '.join(FORMATS)}; clouds are written as one of these")
    colors = {} if cloud.colors is None else {"colors": cloud.colors}
    with replacing(path) as temporary:
        if suffix == ".npz":
            with temporary.open("wb") as file:
                np.savez_compressed(file, points=cloud.points, **colors)  # type: ignore[arg-type]
        else:
            bytes_of = [np.round(np.asarray(c) * 255) for c in colors.values()]
            rows = np.concatenate([cloud.points, *bytes_of], axis=1)
            np.savetxt(temporary, rows, fmt=["%.6f"] * 3 + ["%d"] * (rows.shape[1] - 3))
    return path
