# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user sets, kept in the file (the scene) or with Blender (the preferences)."""

import os
import shutil
from pathlib import Path

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    FloatVectorProperty,
    IntProperty,
    PointerProperty,
)
from bpy.props import StringProperty as Text

SEEDS = 2**31 - 1
SIZES = [(str(2**k), f"{2**k} px", "") for k in range(8, 13)]
PRESETS = [
    (
        "pocket",
        "Pocket",
        "The models that t2a carries: a minute on a laptop's processor, a small world of objects",
    ),
    ("dreamfusion", "DreamFusion", "For a Stable Diffusion model of yours on a graphics card"),
    ("latent_nerf", "Latent-NeRF", "The same with less work: first in the model's latents, then in colors"),
]

WHERE = [
    ("EVERYWHERE", "Everywhere", "All of the object may change"),
    ("INSIDE", "Inside a Mesh", "Only what a closed mesh encloses, such as a box"),
    ("GROUP", "Vertex Group", "Only the faces of a vertex group, and what grows on them"),
    ("FACES", "Selected Faces", "Only the faces that are selected in Edit Mode, and what grows on them"),
]


def likely_python() -> str:
    """A Python that may have t2a: the one beside the command `t2a`, if that is on the path."""
    command = shutil.which("t2a")
    names = ("python.exe",) if os.name == "nt" else ("python3", "python")
    for name in names if command else ():
        # Scripts\t2a.exe and python.exe lie in one folder in virtual environments, and so do bin/t2a and bin/python3.
        if (Path(command).resolve().parent / name).is_file():
            return str(Path(command).resolve().parent / name)
    return os.environ.get("T2A_PYTHON", "")


class T2A_Result(bpy.types.PropertyGroup):
    """An asset that was made for this file."""

    prompt: Text(name="Prompt")
    seed: IntProperty(name="Seed")
    preset: Text(name="Preset")
    model: Text(name="Model")
    version: Text(name="Version", description="Of t2a")
    glb: Text(name="File", subtype="FILE_PATH")
    triangles: IntProperty(name="Triangles")
    passed: BoolProperty(name="Passed", description="Whether all checks of the asset's report have passed")
    seconds: FloatProperty(name="Time")
    over_guide: BoolProperty(name="Over Its Guide", description="Placed where its guide was, not at the 3D cursor")
    location: FloatVectorProperty(name="Location", size=3, subtype="TRANSLATION")
    painted: Text(name="Painted", description="The object that gets the texture; empty for a new object")
    replaces: Text(name="Replaces", description="The object that it was made of, which is hidden")
    points: IntProperty(name="Points", description="Of a point cloud; 0 for a mesh")
    height: FloatProperty(name="Height", default=1.0, unit="LENGTH", description="Of a point cloud")
    keeps_uvs: BoolProperty(name="Keeps UVs", description="Whether the texture is for the UV map that was there")


class T2A_Settings(bpy.types.PropertyGroup):
    """What the panel asks for."""

    prompt: Text(name="Prompt", description="What to make, in English: a red mushroom")
    preset: EnumProperty(name="Preset", items=PRESETS, description="The recipe")
    model: Text(
        name="Model",
        description="A folder with a Stable Diffusion model, or its name on the hub; empty for the preset's own",
    )
    seed: IntProperty(name="Seed", min=0, max=SEEDS, description="Another seed makes another object")
    faces: IntProperty(
        name="Triangles", default=10_000, min=12, max=400_000, description="How many triangles the mesh may have"
    )
    texture: EnumProperty(name="Texture", items=SIZES, default="1024", description="Width and height of the texture")
    height: FloatProperty(
        name="Height", default=1.0, min=0.001, max=10_000, unit="LENGTH", description="Height of the object"
    )
    strictness: FloatProperty(
        name="Strictness",
        default=0.5,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
        description="How closely the selected shape is followed: with 0 it is only the start, with 1 it is kept",
    )
    points: IntProperty(name="Points", default=4096, min=128, max=16_384, description="How many points the cloud has")
    instruction: Text(name="Instruction", description="What to change, in English: make it blue, add a santa hat")
    geometry_change: FloatProperty(
        name="Geometry Change",
        default=1.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
        description="How far the surface may move, as a share of the object's radius: with 0 only colors change",
    )
    where: EnumProperty(name="Where", items=WHERE, description="What of the object may change")
    mask_group: Text(name="Vertex Group", description="Faces all of whose corners belong to it may change")
    mask: PointerProperty(
        type=bpy.types.Object,
        name="Only Inside",
        description="A closed mesh, such as a box; outside of it nothing changes",
        poll=lambda self, thing: thing.type == "MESH",
    )
    results: CollectionProperty(type=T2A_Result)
    active_result: IntProperty(name="Result")


class T2A_Preferences(bpy.types.AddonPreferences):
    bl_idname = __package__

    python: Text(
        name="Python",
        subtype="FILE_PATH",
        default=likely_python(),
        description="The Python into which t2a was installed; Blender's own is left alone",
    )
    folder: Text(
        name="Assets",
        subtype="DIR_PATH",
        description="Where assets are written; empty for a folder t2a beside the .blend file, or in Blender's own "
        "folder of data while the file has no name",
    )

    def draw(self, context) -> None:
        self.layout.prop(self, "python")
        self.layout.prop(self, "folder")
        row = self.layout.row()
        row.operator("t2a.check")
        draw_state(row)


def draw_state(layout) -> None:
    """One line on the connection."""
    from . import session

    if session.hello is not None:
        layout.label(text=f"t2a {session.hello['version']}, Python {session.hello['python']}", icon="CHECKMARK")
    elif session.client is not None:
        layout.label(text="Starting...", icon="SORTTIME")
    elif session.problem is not None:
        layout.label(text=session.problem.message, icon="ERROR")


def preferences(context) -> T2A_Preferences:
    return context.preferences.addons[__package__].preferences


def folder(context) -> Path:
    """Where the next asset goes."""
    chosen = preferences(context).folder
    if chosen:
        return Path(bpy.path.abspath(chosen))
    if bpy.data.filepath:
        return Path(bpy.data.filepath).parent / "t2a"
    return Path(bpy.utils.user_resource("DATAFILES", path="t2a", create=True))


def offline() -> bool:
    """Whether Blender has been told to leave the network alone; before 4.2 it cannot be."""
    return not getattr(bpy.app, "online_access", True)


CLASSES = (T2A_Result, T2A_Settings, T2A_Preferences)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.t2a = PointerProperty(type=T2A_Settings)


def unregister() -> None:
    del bpy.types.Scene.t2a
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
