# SPDX-License-Identifier: GPL-3.0-or-later
"""What a result is in Blender: an object at the 3D cursor or over its guide, with its origin written on it, marked as
an asset."""

from __future__ import annotations

from pathlib import Path

import bpy

from . import canvas, clouds


def bring_in(context, entry) -> list:
    """Import an entry of the results; returns its mesh objects, selected. A painted mesh gives its material to the
    object that was painted, if that is still there and has the UV map which the paint is for; else it stands where it
    was. What an edited object was made of is hidden. Raises RuntimeError as the importer does, and what `clouds` raises
    for a cloud."""
    painted = bpy.data.objects.get(entry.painted) if entry.painted else None
    if painted is not None and entry.keeps_uvs and painted.type == "MESH":
        canvas.dress(context, painted, entry)
        return [painted]
    if entry.points:
        things = [clouds.bring_in(context, Path(entry.glb), entry.prompt[: canvas.LONGEST_NAME], entry.height)]
    else:
        things = _imported(context, entry)
    for other in context.selected_objects:
        other.select_set(False)
    if (old := bpy.data.objects.get(entry.replaces) if entry.replaces else None) is not None:
        old.hide_set(True)
    for thing in things:
        thing.name = entry.prompt[: canvas.LONGEST_NAME]
        for name in ("prompt", "seed", "preset", "model", "version"):
            thing[f"t2a_{name}"] = getattr(entry, name)
        thing["t2a_file"] = entry.glb
        thing.asset_mark()
        thing.asset_data.description = entry.prompt
        thing.select_set(True)
        context.view_layer.objects.active = thing
    return things


def _imported(context, entry) -> list:
    """The mesh objects of its GLB, where they belong."""
    before = set(bpy.data.objects)
    bpy.ops.import_scene.gltf(filepath=entry.glb)
    new = [thing for thing in bpy.data.objects if thing not in before]
    shift = entry.location if entry.over_guide or entry.painted else context.scene.cursor.location
    for root in (thing for thing in new if thing.parent is None):
        for axis, by in enumerate(shift):
            root.location[axis] += by
    return [thing for thing in new if thing.type == "MESH"]
