# SPDX-License-Identifier: GPL-3.0-or-later
"""A point cloud in Blender: a mesh of bare vertices with their colors, which geometry nodes show as balls."""

from __future__ import annotations

import struct
from pathlib import Path

import bpy

COLOR = "Color"
"""Name of the vertices' attribute, and of what its material looks up."""
NODES = "t2a points"
SPACING = 0.012
"""Radius of the balls, as a share of the cloud's height."""


class Unreadable(Exception):
    """A file is no cloud of t2a's; says so in a sentence."""


def read(path: Path) -> tuple[list[tuple], list[tuple]]:
    """Positions (Z up) and sRGB colors of a binary PLY as t2a writes it."""
    data = path.read_bytes()
    head, mark, body = data.partition(b"end_header\n")
    lines = head.decode("ascii", "replace").split("\n")
    count = next((int(line.split()[2]) for line in lines if line.startswith("element vertex")), 0)
    kinds = [line.split()[1:] for line in lines if line.startswith("property")]
    letters = {"float": "f", "uchar": "B"}
    names = [name for _, name in kinds]
    if not mark or "format binary_little_endian 1.0" not in lines or names[:3] != ["x", "y", "z"]:
        raise Unreadable(f"{path.name} is no point cloud of t2a's")
    row = struct.Struct("<" + "".join(letters[kind] for kind, _ in kinds))
    if len(body) < count * row.size:
        raise Unreadable(f"{path.name} ends too early; make it again")
    values = [row.unpack_from(body, number * row.size) for number in range(count)]
    red = names.index("red") if "red" in names else None
    points = [(x, -z, y) for x, y, z, *_ in values]
    colors = [(0.6, 0.6, 0.6) if red is None else tuple(c / 255 for c in v[red : red + 3]) for v in values]
    return points, colors


def linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def bring_in(context, path: Path, name: str, height: float):
    """The cloud as an object, `height` high, on the 3D cursor. Raises Unreadable, and OSError as `open` does."""
    points, colors = read(path)
    low, high = (tuple(f(p[axis] for p in points) for axis in range(3)) for f in (min, max))
    scale = height / max(high[2] - low[2], 1e-6)
    middle = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2])
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([tuple((p[i] - middle[i]) * scale for i in range(3)) for p in points], [], [])
    attribute = mesh.attributes.new(COLOR, "FLOAT_COLOR", "POINT")
    attribute.data.foreach_set("color", [c for color in colors for c in (*map(linear, color), 1.0)])
    thing = bpy.data.objects.new(name, mesh)
    thing.location = context.scene.cursor.location
    context.collection.objects.link(thing)
    modifier = thing.modifiers.new("Points", "NODES")
    modifier.node_group = balls(SPACING * height)
    return thing


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
    """The material that shows the vertices' colors; one for all clouds of a file."""
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
