"""t2a generate, sketch, paint and edit: a text, and perhaps a rough shape or an object, to a textured GLB."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from t2a.cli.options import INTERRUPTED, add_job, command_line, config_of
from t2a.config import NO_START, Config
from t2a.errors import UserError

if TYPE_CHECKING:
    from t2a.jobs import Way

STRICTNESS = 0.5
"""Of `t2a sketch`: Latent-NeRF's recipe."""


def add(commands) -> None:
    generate = commands.add_parser(
        "generate",
        help="text to a textured GLB",
        description="Text to a textured GLB, its report (.json) and a contact sheet (.png).",
        allow_abbrev=False,
    )
    generate.add_argument("prompt", help='what to make, for example "a red mushroom"')
    add_job(generate)

    generate.set_defaults(run=lambda args, words: generated(args, words, config_of(args)))

    sketch = commands.add_parser(
        "sketch",
        help="a rough shape and a text to a textured GLB",
        description="A rough shape says what the thing should be like, the text says the rest: a textured GLB, its "
        "report (.json) and a contact sheet (.png).",
        allow_abbrev=False,
    )
    sketch.add_argument(
        "guide", type=Path, help="a mesh, a point cloud, or boxes, spheres, cylinders and cones in YAML or JSON"
    )
    sketch.add_argument("prompt", help='what it should be, for example "a red chair"')
    add_job(sketch)
    sketch.set_defaults(run=sketched)

    paint = commands.add_parser(
        "paint",
        help="a new texture for a mesh",
        description="A mesh gets a texture as the text says; its shape stays, and so do its UVs where they can be "
        "painted through: a GLB, its report (.json) and a contact sheet (.png).",
        allow_abbrev=False,
    )
    paint.add_argument("mesh", type=Path, help="the mesh: OBJ, PLY, STL, GLB, ...")
    paint.add_argument("prompt", help='what it should be, for example "a striped red chair"')
    add_job(paint)
    paint.set_defaults(
        run=lambda args, words: generated(args, words, config_of(args, NO_START), source=args.mesh, way="paint")
    )

    edit = commands.add_parser(
        "edit",
        help="an instruction for an object that exists",
        description="An object is changed as an instruction says; what that leaves alone stays as it is, and so does "
        "the mesh, bit by bit, if only colours change: a GLB, its report (.json) and a contact sheet (.png).",
        allow_abbrev=False,
    )
    edit.add_argument(
        "mesh",
        type=Path,
        help="a mesh (OBJ, PLY, STL, GLB, ...), a point cloud (PLY, NPZ, XYZ), pictures with their cameras "
        "(transforms.json), or a scene that nerfstudio has trained (config.yml)",
    )
    edit.add_argument("prompt", metavar="instruction", help='for example "make it blue", or "add a santa hat"')
    edit.add_argument("--mask", dest="edit_mask", help="the same as --edit-mask")
    add_job(edit)
    edit.set_defaults(run=lambda args, words: generated(args, words, config_of(args), source=args.mesh, way="edit"))


def sketched(args: argparse.Namespace, words: list[str]) -> int:
    if args.init is not None:
        raise UserError("the guide is what the scene starts from; leave --init away")
    return generated(args, words, config_of(args, {"strictness": STRICTNESS, "init": str(args.guide)}))


def generated(
    args: argparse.Namespace, words: list[str], config: Config, source: Path | None = None, way: Way = "generate"
) -> int:
    from t2a.jobs import generate_job, go_offline

    state = {"resume": args.resume, "keep": args.keep}
    job = generate_job(args.prompt, args.output, config, **state, source=source, way=way)
    go_offline(job.config)
    from t2a.events import run
    from t2a.progress import Bars

    with Bars(job.preview, quiet=args.quiet) as bars:
        try:
            asset = run(job.events(), bars)
        except KeyboardInterrupt:
            bars.close()
            again = command_line([words[0], "--resume", *(word for word in words[1:] if word != "--resume")])
            if job.stopped():
                print(f"t2a: interrupted; continue with: {again}", file=sys.stderr)
            else:
                print("t2a: interrupted before the first checkpoint", file=sys.stderr)
            return INTERRUPTED
    for warning in asset.report["warnings"]:
        print(f"t2a: warning: {warning}", file=sys.stderr)
    for failure in asset.report["failed"]:
        print(
            f"t2a: warning: {failure['check']} is {failure['value']}, wanted {failure['limit']}: {failure['why']}",
            file=sys.stderr,
        )
    if not args.quiet:
        report = asset.report
        size = f"{report['triangles']} triangles, {report['components']} piece(s)"
        verdict = "passed" if report["passed"] else "NOT passed"
        print(f"{args.output}: {size}, {sum(report['seconds'].values()):.0f} s, {verdict}")
    return 0
