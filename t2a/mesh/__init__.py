"""Meshes: extraction from a field or a point cloud, cleaning, decimation, rasterisation, rendering."""

from t2a.mesh.clean import clean
from t2a.mesh.decimate import decimate
from t2a.mesh.extract import Extraction, extract_mesh, soft_iou
from t2a.mesh.normals import vertex_normals
from t2a.mesh.raster import Raster, rasterize, silhouettes
from t2a.mesh.render import contact_sheet, psnr, render_mesh
from t2a.mesh.signed_distance import cloud_to_mesh
from t2a.mesh.topology import Topology, topology

__all__ = [
    "Extraction",
    "Raster",
    "Topology",
    "clean",
    "cloud_to_mesh",
    "contact_sheet",
    "decimate",
    "extract_mesh",
    "psnr",
    "rasterize",
    "render_mesh",
    "silhouettes",
    "soft_iou",
    "topology",
    "vertex_normals",
]
