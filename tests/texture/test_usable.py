from __future__ import annotations

import numpy as np
import pytest
import trimesh

from t2a.errors import UserError
from t2a.texture import texels_of, unwrap, usable_uvs, with_usable_uvs
from t2a.texture.uv_raster import rasterize_uv
from t2a.types import Mesh


@pytest.fixture(scope="module")
def box() -> Mesh:
    shape = trimesh.creation.box()
    return unwrap(Mesh(np.asarray(shape.vertices, np.float32), np.asarray(shape.faces, np.int32)), 128)


def test_unwrapped_uvs_are_usable_and_kept(box):
    assert usable_uvs(box) == (True, "the UVs are usable")
    kept, _ = with_usable_uvs(box, 128)
    assert kept is box


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda uvs: None, "no UV coordinates"),
        (lambda uvs: uvs * 3, r"outside of \[0, 1\]"),
        (lambda uvs: np.where(np.arange(len(uvs))[:, None] == 0, np.nan, uvs), "NaN"),
        (lambda uvs: uvs * 0.05, "use 0.2% of the texture|use 0.1% of the texture"),
        (lambda uvs: uvs * [1, 0], "no area in the texture"),
        (lambda uvs: np.abs(uvs - 0.5), "two or more triangles"),
    ],
)
def test_unusable_uvs_say_why_and_are_replaced(box, spoil, reason):
    uvs = spoil(box.uvs)
    broken = box.with_(uvs=None if uvs is None else uvs.astype(np.float32))
    usable, why = usable_uvs(broken)
    assert not usable
    assert any(part in why.replace("\\", "") for part in reason.replace("\\", "").split("|")), why
    replaced, said = with_usable_uvs(broken, 128)
    assert said == why and usable_uvs(replaced)[0]


def test_texels_of_triangles_partition_the_texture(box):
    top = box.vertices[box.faces].mean(1)[:, 1] > 0.4
    chosen, rest = texels_of(box, top, 64), texels_of(box, ~top, 64)
    assert (chosen ^ rest).all() and chosen.any() and rest.any()
    owner = rasterize_uv(box, 64).face
    np.testing.assert_array_equal(chosen[owner >= 0], top[owner[owner >= 0]])
    assert chosen[owner < 0].any(), "padding goes with its triangles"
    with pytest.raises(UserError, match="one per triangle"):
        texels_of(box, top[:3], 64)
