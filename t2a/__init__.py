"""t2a: a sentence, a rough shape or an asset becomes a textured, game-ready mesh.

>>> import t2a
>>> asset = t2a.text_to_3d("a red mushroom", seed=0)
>>> asset.save("mushroom.glb")

Everything heavy is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from t2a.config import Config, load, presets
    from t2a.edit import edit_3d
    from t2a.errors import Cancelled, UserError
    from t2a.events import Event
    from t2a.paint import paint_mesh
    from t2a.pipelines import stages, text_to_3d
    from t2a.types import Asset, Cameras, Material, Mesh, PointCloud, Render

__version__ = "0.1.0"

_HOMES = {
    "text_to_3d": "t2a.pipelines",
    "stages": "t2a.pipelines",
    "paint_mesh": "t2a.paint",
    "edit_3d": "t2a.edit",
    "Config": "t2a.config",
    "load": "t2a.config",
    "presets": "t2a.config",
    "Cancelled": "t2a.errors",
    "UserError": "t2a.errors",
    "Event": "t2a.events",
    "Asset": "t2a.types",
    "Cameras": "t2a.types",
    "Material": "t2a.types",
    "Mesh": "t2a.types",
    "PointCloud": "t2a.types",
    "Render": "t2a.types",
}

__all__ = [
    "Asset",
    "Cameras",
    "Cancelled",
    "Config",
    "Event",
    "Material",
    "Mesh",
    "PointCloud",
    "Render",
    "UserError",
    "edit_3d",
    "load",
    "paint_mesh",
    "presets",
    "stages",
    "text_to_3d",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 't2a' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
