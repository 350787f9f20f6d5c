"""Textures: unwrapping, baking from a field, dilation past seams."""

from t2a.texture.bake import bake, bake_vertex_colors, vertex_colors
from t2a.texture.dilate import dilate
from t2a.texture.unwrap import unwrap
from t2a.texture.usable import texels_of, usable_uvs, with_usable_uvs
from t2a.texture.uv_raster import UVStats, measure_uv

__all__ = [
    "UVStats",
    "bake",
    "bake_vertex_colors",
    "dilate",
    "measure_uv",
    "texels_of",
    "unwrap",
    "usable_uvs",
    "vertex_colors",
    "with_usable_uvs",
]
