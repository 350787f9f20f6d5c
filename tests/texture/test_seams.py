from __future__ import annotations

import numpy as np
import trimesh

from t2a.texture import bake, unwrap
from t2a.texture.seams import seam_jumps
from t2a.types import Mesh


def ball() -> Mesh:
    made = trimesh.creation.icosphere(3, 0.7)
    return unwrap(Mesh(np.asarray(made.vertices, np.float32), np.asarray(made.faces, np.int32)), 512)


def test_colours_of_space_have_no_seams_and_colours_of_charts_have_nothing_else():
    mesh = ball()
    smooth = bake(mesh, lambda x: 0.5 + 0.4 * np.sin(4 * x), None, 512).base_color
    found = seam_jumps(mesh, smooth)
    assert found.count > 50 and found.across < 1.5 * found.inside
    # A gradient over the texture: charts that meet lie anywhere in it.
    v, u = np.meshgrid(np.linspace(0, 1, 512), np.linspace(0, 1, 512), indexing="ij")
    charts = np.stack([u, v, u], -1).astype(np.float32)
    found = seam_jumps(mesh, charts)
    assert found.across > 20 * found.inside


def test_without_edges_in_common_there_is_nothing_to_compare():
    triangle = Mesh(np.eye(3, dtype=np.float32), np.array([[0, 1, 2]]), uvs=np.eye(3, 2, dtype=np.float32))
    found = seam_jumps(triangle, np.zeros((8, 8, 3), np.float32))
    assert (found.count, found.across, found.inside) == (0, 0.0, 0.0)
