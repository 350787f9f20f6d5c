"""t2a world: the pocket world, as a sheet or as geometry."""

from __future__ import annotations

import argparse
from pathlib import Path

from t2a.errors import UserError


def add(commands) -> None:
    world = commands.add_parser(
        "world",
        help="show the pocket world",
        description="Captioned scenes of the world that the pocket models are trained on, as a sheet or as geometry.",
        allow_abbrev=False,
    )
    world.add_argument("--count", type=int, default=16, help="scenes (default: 16)")
    world.add_argument("--seed", type=int, default=0)
    world.add_argument("--size", type=int, default=96, help="pixels along an edge of a view (default: 96)")
    world.add_argument(
        "--held-out", action="store_true", help="scenes with held-out pairs of an attribute and a family"
    )
    world.add_argument("--sheet", type=Path, help="PNG to write")
    world.add_argument(
        "--assets",
        type=Path,
        metavar="FOLDER",
        help="write each scene as a mesh (PLY) and as arrays (NPZ): point cloud, depth, normals, part labels",
    )
    world.set_defaults(run=shown)


def shown(args: argparse.Namespace, words: list[str]) -> int:
    for name, low, high in (("count", 1, 400), ("size", 16, 512), ("seed", 0, 2**31 - 1)):
        if not low <= getattr(args, name) <= high:
            raise UserError(f"{name} is {getattr(args, name)}; it must be between {low} and {high}")
    if args.sheet is None and args.assets is None:
        raise UserError("nothing to write; give --sheet FILE.png, --assets FOLDER, or both")
    from t2a.export.files import check_writable, write_png
    from t2a.pocket.geometry import write_assets
    from t2a.pocket.sheet import world_sheet
    from t2a.pocket.world import scene

    for path in filter(None, (args.sheet, args.assets and args.assets / "index.json")):
        check_writable(path)
    if args.sheet is not None:
        print(write_png(args.sheet, world_sheet(args.count, args.seed, args.size, held_out=args.held_out)))
    if args.assets is not None:
        scenes = [scene(args.seed, i, held_out=args.held_out) for i in range(args.count)]
        print(write_assets(scenes, args.assets, size=args.size))
    return 0
