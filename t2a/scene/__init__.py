"""Scenes: what is optimised. Hash-grid radiance fields and the renderer that shows them; nothing here knows of
diffusion."""

from t2a.scene.background import Backdrop, Background, LearnedBackground, RandomSolid, Solid
from t2a.scene.field import Field
from t2a.scene.hash_grid import HashGrid
from t2a.scene.initialisation import Blob, Constant, Initialisation, Voxels
from t2a.scene.nerf import NeRFScene
from t2a.scene.occupancy import OccupancyGrid
from t2a.scene.renderer import RadianceField, RayRender, render_rays
from t2a.scene.shading import Shading, choose_shading, sample_lights, shade

__all__ = [
    "Backdrop",
    "Background",
    "Blob",
    "Constant",
    "Field",
    "HashGrid",
    "Initialisation",
    "LearnedBackground",
    "NeRFScene",
    "OccupancyGrid",
    "RadianceField",
    "RandomSolid",
    "RayRender",
    "Shading",
    "Solid",
    "Voxels",
    "choose_shading",
    "render_rays",
    "sample_lights",
    "shade",
]
