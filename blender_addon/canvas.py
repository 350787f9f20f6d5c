# SPDX-License-Identifier: GPL-3.0-or-later
"""The active object as a mesh to paint or to edit in a file, and the paint on it when it comes back."""

from __future__ import annotations

from pathlib import Path

import bpy

LONGEST_NAME = 60
"""Letters of a prompt in the name of what was made of it; Blender 3.4 has room for 63."""
UVS = "t2a"
"""Name of the UV map that a mesh without one gets."""


class Empty(Exception):
    """The object has no faces; says so in a sentence."""


def refusal(context) -> str:
    """Why the active object can neither be painted nor edited now; empty if it can."""
    if context.object is None or context.object.type != "MESH":
        return "Make the mesh that counts the active object"
    return "" if context.mode == "OBJECT" else "Leave to Object Mode, first"


def write(context, path: Path) -> None:
    """Write the active mesh as it is seen, modifiers and all, in the world's axes (Z up) as OBJ with its active UV map;
    a mesh without one is unwrapped first. Raises Empty, and OSError as `open` does."""
    thing = context.object
    if not thing.data.polygons:
        raise Empty("The active object has no faces; there is nothing to paint")
    if thing.data.uv_layers.active is None:
        unwrap(context, thing)
    seen = thing.evaluated_get(context.evaluated_depsgraph_get())
    mesh = seen.to_mesh()
    try:
        # A modifier may drop the map; t2a then unwraps what it is given.
        layer = mesh.uv_layers.active
        points = [seen.matrix_world @ vertex.co for vertex in mesh.vertices]
        lines = [f"v {x:.9g} {y:.9g} {z:.9g}" for x, y, z in points]
        if layer is not None:
            lines += [f"vt {u:.9g} {v:.9g}" for u, v in (corner.uv for corner in layer.data)]
        for polygon in mesh.polygons:
            corners = zip(polygon.vertices, polygon.loop_indices, strict=True)
            names = [f"{v + 1}/{loop + 1}" if layer is not None else f"{v + 1}" for v, loop in corners]
            lines.append("f " + " ".join(names))
    finally:
        seen.to_mesh_clear()
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def export(context, thing, path: Path) -> None:
    """Write an object with its materials as GLB, where it stands in the world, modifiers and all. Raises Empty, and
    RuntimeError as the exporter does."""
    if not thing.data.polygons:
        raise Empty(f"{thing.name} has no faces")
    selected, active = context.selected_objects, context.view_layer.objects.active
    for other in selected:
        other.select_set(False)
    thing.select_set(True)
    context.view_layer.objects.active = thing
    try:
        bpy.ops.export_scene.gltf(filepath=str(path), export_format="GLB", use_selection=True, export_apply=True)
    finally:
        thing.select_set(False)
        for other in selected:
            other.select_set(True)
        context.view_layer.objects.active = active


def export_faces(context, thing, path: Path, group: str | None) -> None:
    """Write the faces of an object all of whose corners belong to the vertex group `group`, or where it is None those
    that are selected, as `export` does. Raises Empty where there are none."""
    seen = thing.evaluated_get(context.evaluated_depsgraph_get())
    mesh = seen.to_mesh()
    try:
        if group is not None:
            number = getattr(thing.vertex_groups.get(group), "index", None)
            inside = [any(g.group == number and g.weight > 0.5 for g in vertex.groups) for vertex in mesh.vertices]
            faces = [tuple(p.vertices) for p in mesh.polygons if all(inside[v] for v in p.vertices)]
            nothing = f"The vertex group {group} has no faces of {thing.name}" if group else "Choose a vertex group"
        else:
            faces = [tuple(p.vertices) for p in mesh.polygons if p.select]
            nothing = f"No faces of {thing.name} are selected; select some in Edit Mode"
        if not faces:
            raise Empty(nothing)
        points = [tuple(vertex.co) for vertex in mesh.vertices]
    finally:
        seen.to_mesh_clear()
    piece = bpy.data.meshes.new("mask")
    piece.from_pydata(points, [], faces)
    other = bpy.data.objects.new("mask", piece)
    other.matrix_world = thing.matrix_world
    context.collection.objects.link(other)
    try:
        export(context, other, path)
    finally:
        bpy.data.objects.remove(other)
        bpy.data.meshes.remove(piece)


def unwrap(context, thing) -> None:
    """A UV map by Blender's Smart UV Project."""
    thing.data.uv_layers.new(name=UVS)
    for other in context.selected_objects:
        other.select_set(other == thing)
    thing.select_set(True)
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.uv.smart_project(island_margin=0.01)
    bpy.ops.object.mode_set(mode="OBJECT")


def dress(context, thing, entry) -> None:
    """Import a painted mesh for its material, and put that on the object in a new slot; the old ones stay. Raises
    RuntimeError as the importer does."""
    before = set(bpy.data.objects)
    bpy.ops.import_scene.gltf(filepath=entry.glb)
    new = [other for other in bpy.data.objects if other not in before]
    material = next(other.data.materials[0] for other in new if other.type == "MESH")
    material.name = entry.prompt[:LONGEST_NAME]
    for other in new:
        mesh = other.data
        bpy.data.objects.remove(other)
        if mesh is not None and mesh.users == 0:
            bpy.data.meshes.remove(mesh)
    for old in thing.data.materials:
        if old is not None:
            old.use_fake_user = True
    thing.data.materials.append(material)
    slot = len(thing.data.materials) - 1
    for polygon in thing.data.polygons:
        polygon.material_index = slot
    for name in ("prompt", "seed", "preset", "model", "version"):
        material[f"t2a_{name}"] = getattr(entry, name)
    for other in context.selected_objects:
        other.select_set(False)
    thing.select_set(True)
    context.view_layer.objects.active = thing
