"""Meshes: reading, extraction from a field or a point cloud, cleaning, decimation, rasterisation (differentiable or
not), rendering and maps."""

from t2a.mesh.clean import clean
from t2a.mesh.contour import antialias, edge_table
from t2a.mesh.decimate import decimate
from t2a.mesh.differentiable import Fragments, fragments, interpolate, sample_texture_torch
from t2a.mesh.extract import Extraction, coarse_mesh, extract_mesh, soft_iou
from t2a.mesh.normals import vertex_normals
from t2a.mesh.raster import Raster, rasterize, silhouettes
from t2a.mesh.read import read_mesh, read_textured_mesh
from t2a.mesh.render import contact_sheet, psnr, render_mesh
from t2a.mesh.signed_distance import cloud_to_mesh
from t2a.mesh.topology import Topology, topology

__all__ = [
    "Extraction",
    "Fragments",
    "Raster",
    "Topology",
    "antialias",
    "clean",
    "cloud_to_mesh",
    "coarse_mesh",
    "contact_sheet",
    "decimate",
    "edge_table",
    "extract_mesh",
    "fragments",
    "interpolate",
    "psnr",
    "rasterize",
    "read_mesh",
    "read_textured_mesh",
    "render_mesh",
    "sample_texture_torch",
    "silhouettes",
    "soft_iou",
    "topology",
    "vertex_normals",
]
