# SPDX-License-Identifier: GPL-3.0-or-later
"""The selected objects as one rough shape in a file."""

from __future__ import annotations

from pathlib import Path

SOLID = {"MESH", "CURVE", "SURFACE", "META", "FONT"}
"""Types of objects that have a surface."""


class Empty(Exception):
    """The selection has no faces, or no height; says so in a sentence."""


def chosen(context) -> list:
    """The selected objects that can be a guide."""
    return [thing for thing in context.selected_objects if thing.type in SOLID]


def write(context, path: Path) -> tuple[tuple, tuple]:
    """Write the selection as it is seen, modifiers and all, in the world's axes (Z up) as OBJ; returns the lowest and
    the highest corner of its bounding box. Raises Empty, and OSError as `open` does."""
    graph = context.evaluated_depsgraph_get()
    points, faces = [], []
    for thing in chosen(context):
        seen = thing.evaluated_get(graph)
        mesh = seen.to_mesh()
        if mesh is None:
            continue
        first = len(points) + 1
        points += [tuple(seen.matrix_world @ vertex.co) for vertex in mesh.vertices]
        faces += [[first + index for index in polygon.vertices] for polygon in mesh.polygons]
        seen.to_mesh_clear()
    if not faces:
        raise Empty("The selection has no faces; select objects that have a surface")
    low, high = (tuple(f(point[axis] for point in points) for axis in range(3)) for f in (min, max))
    if not high[2] > low[2]:
        raise Empty("The selection is flat; a guide needs a height")
    lines = [f"v {x:.6g} {y:.6g} {z:.6g}" for x, y, z in points]
    lines += ["f " + " ".join(map(str, face)) for face in faces]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return low, high
