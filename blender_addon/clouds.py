# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes as PLY: a point cloud, whose vertices geometry nodes show as balls, and the coarse mesh of what grows."""

from __future__ import annotations

from pathlib import Path

import bpy

from . import ply

COLOR = "Color"
"""Name of the vertices' attribute, and of what their material looks up."""
NODES = "t2a points"
GROWING = "t2a preview"
SPACING = 0.012
"""Radius of the balls, as a share of the cloud's height."""


def bring_in(context, path: Path, name: str, height: float):
    """The cloud as an object, `height` high, on the 3D cursor. Raises what `ply.read` does."""
    thing = bpy.data.objects.new(name, mesh_of(path, name, height))
    thing.location = context.scene.cursor.location
    context.collection.objects.link(thing)
    thing.modifiers.new("Points", "NODES").node_group = balls(SPACING * height)
    return thing


def grow(context, path: Path, height: float, at) -> None:
    """Show the mesh that has grown so far, at a place or at the 3D cursor. Raises what `ply.read` does."""
    new = mesh_of(path, GROWING, height)
    new.materials.append(paint())
    thing = bpy.data.objects.get(GROWING)
    if thing is None:
        thing = bpy.data.objects.new(GROWING, new)
        thing.hide_select = True
        context.scene.collection.objects.link(thing)
    else:
        old, thing.data = thing.data, new
        bpy.data.meshes.remove(old)
    thing.location = context.scene.cursor.location if at is None else at


def wither() -> bool:
    """Take the mesh that grew away; whether there was one."""
    thing = bpy.data.objects.get(GROWING)
    if thing is None:
        return False
    mesh = thing.data
    bpy.data.objects.remove(thing)
    if mesh is not None and mesh.users == 0:
        bpy.data.meshes.remove(mesh)
    return True


def mesh_of(path: Path, name: str, height: float):
    """The file's vertices, `height` high on the origin, with their colors, and its triangles."""
    points, colors, faces = ply.read(path)
    low, high = (tuple(f(axis) for axis in zip(*points, strict=True)) for f in (min, max))
    scale = height / max(high[2] - low[2], 1e-6)
    x, y, z = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([((p[0] - x) * scale, (p[1] - y) * scale, (p[2] - z) * scale) for p in points], [], faces)
    attribute = mesh.attributes.new(COLOR, "FLOAT_COLOR", "POINT")
    attribute.data.foreach_set("color", [value for color in colors for value in color])
    mesh.update()
    return mesh


def balls(radius: float):
    """Geometry nodes that make points of this radius of vertices, in their colors."""
    group = bpy.data.node_groups.new(NODES, "GeometryNodeTree")
    if hasattr(group, "interface"):
        group.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
        group.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    else:  # before Blender 4.0
        group.inputs.new("NodeSocketGeometry", "Geometry")
        group.outputs.new("NodeSocketGeometry", "Geometry")
    kinds = ("NodeGroupInput", "GeometryNodeMeshToPoints", "GeometryNodeSetMaterial", "NodeGroupOutput")
    nodes = [group.nodes.new(kind) for kind in kinds]
    for number, node in enumerate(nodes):
        node.location = (200 * number, 0)
        if number:
            group.links.new(nodes[number - 1].outputs[0], node.inputs[0])
    nodes[1].inputs["Radius"].default_value = radius
    nodes[2].inputs["Material"].default_value = paint()
    return group


def paint():
    """The material that shows the vertices' colors; one for all of a file."""
    material = bpy.data.materials.get(NODES)
    if material is None:
        material = bpy.data.materials.new(NODES)
        if material.node_tree is None:  # before Blender 5.0
            material.use_nodes = True
        nodes = material.node_tree.nodes
        color = nodes.new("ShaderNodeAttribute")
        color.attribute_name = COLOR
        shader = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
        material.node_tree.links.new(color.outputs["Color"], shader.inputs["Base Color"])
    return material
