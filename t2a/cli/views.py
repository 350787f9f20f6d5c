"""t2a views: pictures of an object with their cameras."""

from __future__ import annotations

import argparse
from pathlib import Path

from t2a.errors import UserError


def add(commands) -> None:
    views = commands.add_parser(
        "views",
        help="pictures of an object from all around, with their cameras",
        description="Pictures with transparency and a transforms.json, from which nerfstudio and others train a scene.",
        allow_abbrev=False,
    )
    views.add_argument("mesh", type=Path, help="a mesh (OBJ, PLY, STL, GLB, ...), or a point cloud (PLY, NPZ, XYZ)")
    views.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="folder for the pictures")
    views.add_argument("--count", type=int, default=60, help="pictures (default: 60)")
    views.add_argument("--size", type=int, default=256, help="pixels along an edge (default: 256)")
    views.add_argument("--quiet", action="store_true", help="no progress")
    views.set_defaults(run=shown)


def shown(args: argparse.Namespace, words: list[str]) -> int:
    for name, low, high in (("count", 4, 1000), ("size", 16, 2048)):
        if not low <= getattr(args, name) <= high:
            raise UserError(f"{name} is {getattr(args, name)}; it must be between {low} and {high:,}")
    if not args.mesh.is_file():
        raise UserError(f"there is no file {args.mesh}; name the mesh that is shown")
    from t2a.capture.transforms import NAME
    from t2a.capture.views import write_views
    from t2a.config import load
    from t2a.edit.objects import read_object
    from t2a.events import run
    from t2a.progress import Bars

    with Bars(quiet=args.quiet) as bars:
        run(write_views(read_object(args.mesh, load("pocket")), args.output, args.count, args.size), bars)
    if not args.quiet:
        print(args.output / NAME)
    return 0
