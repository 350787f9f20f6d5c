"""t2a points: a text or a picture to a point cloud, or to a mesh of it."""

from __future__ import annotations

import argparse
from pathlib import Path

from t2a.config import load
from t2a.errors import UserError


def add(commands) -> None:
    points = commands.add_parser(
        "points",
        help="text or a picture to a coloured point cloud, or to a mesh of it, in seconds",
        description="Text or a picture to a coloured point cloud (PLY, NPZ, XYZ) or to a mesh of it (GLB).",
        allow_abbrev=False,
    )
    points.add_argument("prompt", nargs="?", default="", help='what to make, for example "a red mushroom"')
    points.add_argument("-o", "--output", type=Path, required=True, help="file to write: .ply, .npz, .xyz or .glb")
    points.add_argument("--mesh", action="store_true", help="a mesh; a matter of course where the output is a .glb")
    points.add_argument("--cloud", type=Path, help="make a mesh of the points in this file instead of new ones")
    points.add_argument("--count", type=int, default=1024, help="points (default: 1024)")
    points.add_argument("--seed", type=int, default=0)
    points.add_argument(
        "--steps", type=int, help="that draw the views (default: 12), or of a point model of one's own (default: 24)"
    )
    points.add_argument("--guidance-scale", type=float, help="of these (default: 3, and 2)")
    points.add_argument("--model", default="pocket", help="pocket (the default), or a published Point-E model's name")
    points.add_argument(
        "--weights",
        type=Path,
        help="folder of a published model's file, its upsampler's and SDF model's; or of one by t2a train points",
    )
    points.add_argument("--clip", default=None, help="folder or hub id of the CLIP model that it is told by")
    points.add_argument("--image", type=Path, help="a picture, for models that are told pictures")
    points.add_argument("--image-model", default="pocket", help="what draws that picture of the prompt otherwise")
    points.add_argument("--faces", type=int, default=10_000, help="triangle budget of a mesh (default: 10,000)")
    points.add_argument("--texture", type=int, default=1024, help="pixels along its texture's edge (default: 1024)")
    points.add_argument("--height", type=float, help="its height in metres")
    points.add_argument("--offline", action="store_true", help="forbid the network")
    points.add_argument("--quiet", action="store_true", help="no progress, only errors and warnings")
    points.set_defaults(run=made)


def made(args: argparse.Namespace, words: list[str]) -> int:
    from t2a.events import run
    from t2a.export.cloud import FORMATS, write_cloud
    from t2a.export.files import check_writable
    from t2a.jobs import go_offline

    to_mesh = args.mesh or args.cloud is not None or args.output.suffix.lower() == ".glb"
    allowed = (".glb",) if to_mesh else FORMATS
    if args.output.suffix.lower() not in allowed:
        raise UserError(f"the output {args.output} does not end in {' or '.join(allowed)}")
    check_writable(args.output)
    values = vars(args)
    config = load("pocket", {name: values[name] for name in ("faces", "texture", "height", "offline")})
    go_offline(config)
    if args.cloud is not None:
        from t2a.mesh.read_cloud import read_cloud

        cloud = read_cloud(args.cloud, args.seed)
    else:
        from t2a.points import PointOptions, stages
        from t2a.progress import Bars

        names = ("model", "weights", "image", "image_model", "count", "seed", "steps", "guidance_scale", "offline")
        clip = {} if args.clip is None else {"clip": args.clip}
        options = PointOptions(**{name: values[name] for name in names}, **clip)
        with Bars(quiet=args.quiet) as bars:
            cloud = run(stages(args.prompt, options), bars)
    if to_mesh:
        from t2a.surface import points_to_mesh

        source = {"cloud": args.cloud.name} if args.cloud is not None else {"prompt": args.prompt, "seed": args.seed}
        asset = points_to_mesh(cloud, config.mesh, weights=args.weights, provenance={**source, "model": args.model})
        asset.save(args.output)
        told = f"{asset.report['triangles']} triangles"
    else:
        write_cloud(args.output, cloud)
        told = f"{len(cloud.points)} points"
    if not args.quiet:
        print(f"{args.output}: {told}")
    return 0
