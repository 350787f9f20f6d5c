"""Scenes: what is optimised. Hash-grid radiance fields and the renderer that shows them, meshes with a learnable
texture, and guides that say roughly what shape is wanted; nothing here knows of diffusion."""

from t2a.scene.background import Backdrop, Background, LearnedBackground, RandomSolid, Solid
from t2a.scene.field import Field
from t2a.scene.guide import Guide, guide_density, guide_from_mesh
from t2a.scene.hash_grid import HashGrid
from t2a.scene.initialisation import Blob, Constant, Initialisation, Voxels
from t2a.scene.nerf import NeRFScene
from t2a.scene.occupancy import OccupancyGrid
from t2a.scene.protocol import Scene
from t2a.scene.renderer import RadianceField, RayRender, render_rays
from t2a.scene.shading import Shading, choose_shading, sample_lights, shade
from t2a.scene.sketch_shape import Strictness, sketch_shape_at_random_points, sketch_shape_loss, strictness
from t2a.scene.textured_mesh import TexturedMeshScene

__all__ = [
    "Backdrop",
    "Background",
    "Blob",
    "Constant",
    "Field",
    "Guide",
    "HashGrid",
    "Initialisation",
    "LearnedBackground",
    "NeRFScene",
    "OccupancyGrid",
    "RadianceField",
    "RandomSolid",
    "RayRender",
    "Scene",
    "Shading",
    "Solid",
    "Strictness",
    "TexturedMeshScene",
    "Voxels",
    "choose_shading",
    "guide_density",
    "guide_from_mesh",
    "render_rays",
    "sample_lights",
    "shade",
    "sketch_shape_at_random_points",
    "sketch_shape_loss",
    "strictness",
]
