# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the binary PLY files that t2a writes: points or triangles, with colors. Without Blender."""

from __future__ import annotations

import struct
from pathlib import Path


class Unreadable(Exception):
    """A file is none of t2a's; says so in a sentence."""


def read(path: Path) -> tuple[list[tuple], list[tuple], list[tuple]]:
    """Positions (Z up), linear colors with opacity (of a file without any: grey), and triangles, if it has some. Raises
    Unreadable, and OSError as `open` does."""
    head, mark, body = path.read_bytes().partition(b"end_header\n")
    lines = head.decode("ascii", "replace").split("\n")
    if not mark or "format binary_little_endian 1.0" not in lines:
        raise Unreadable(f"{path.name} is no file of t2a's")
    counts = {line.split()[1]: int(line.split()[2]) for line in lines if line.startswith("element")}
    fields = [line.split()[1:] for line in lines if line.startswith("property") and "list" not in line]
    names = [name for _, name in fields]
    row = struct.Struct("<" + "".join({"float": "f", "uchar": "B"}[kind] for kind, _ in fields))
    corners = struct.Struct("<B3i")
    size = counts["vertex"] * row.size
    if len(body) < size + counts.get("face", 0) * corners.size:
        raise Unreadable(f"{path.name} ends too early; make it again")
    values = list(row.iter_unpack(body[:size]))
    points = [(x, -z, y) for x, y, z, *_ in values]
    if "red" in names:
        red = names.index("red")
        colors = [(*map(LINEAR.__getitem__, value[red : red + 3]), 1.0) for value in values]
    else:
        colors = [(0.3, 0.3, 0.3, 1.0)] * len(points)
    end = size + counts.get("face", 0) * corners.size
    return points, colors, [face[1:] for face in corners.iter_unpack(body[size:end])]


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


LINEAR = [_linear(byte / 255) for byte in range(256)]
"""Of each byte of sRGB."""
