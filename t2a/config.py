"""Every option there is, once: the dataclasses below are the presets' schema (configs/*.yaml), the command line's
options and their help.

An option belongs to a section, but its name alone is unique, so that the command line can say `--faces 2000`.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from t2a.errors import UserError
from t2a.schedule import Schedule, check_schedule, peak

Activation = Literal["softplus", "trunc_exp"]
BackgroundKind = Literal["studio", "white", "black", "random", "learned"]
Weighting = Literal["uniform", "sigma", "sample", "fantasia"]


def option(default: Any, text: str, low: float | None = None, high: float | None = None) -> Any:
    """A dataclass field with its help and its allowed range."""
    return field(default=default, metadata={"help": text, "low": low, "high": high})


@dataclass(frozen=True)
class SceneConfig:
    """The hash-grid radiance field and how it is rendered."""

    levels: int = option(8, "levels of the hash grid", 1, 32)
    features: int = option(2, "features of a level", 1, 8)
    base_resolution: int = option(16, "cells along an edge at the coarsest level", 2, 1024)
    finest_resolution: int = option(128, "cells along an edge at the finest level", 2, 8192)
    log2_table_size: int = option(15, "entries of a level, as a power of two", 8, 24)
    hidden: int = option(32, "width of the decoder", 1, 1024)
    layers: int = option(1, "hidden layers of the decoder; 0 makes it linear", 0, 8)
    channels: int = option(3, "colour channels of the field", 1, 16)
    latent: bool = option(False, "raw channels (latents) instead of colours in 0..1")
    activation: Activation = option("softplus", "from raw density to density")
    blob_scale: float = option(10.0, "height of the initial blob, before the activation (threestudio: 10)", 0, 100)
    blob_radius: float = option(0.5, "radius of the initial density blob", 0.01, 10)
    samples: int = option(64, "samples along the diagonal of the cube", 8, 2048)
    stop: float = option(1e-3, "transmittance at which a ray ends", 0, 1)
    occupancy_resolution: int = option(32, "cells along an edge of the occupancy grid", 4, 512)
    occupancy_threshold: float = option(0.2, "density below which a cell is skipped", 0, 1e3)
    refresh_every: int = option(16, "steps between refreshes of the occupancy grid", 1, 10_000)
    start_levels: int | None = option(None, "hash-grid levels that are open at first (none: all)", 1, 32)
    levels_from: int = option(0, "step from which further levels open", 0)
    levels_every: int = option(500, "steps between two levels that open", 1)
    background: BackgroundKind = option("studio", "what is behind the object")
    backdrop: tuple[float, float, float] = option((0.80, 0.75, 1.0), "the studio's colour", 0, 1)
    random_backdrop: float = option(0.25, "share of studio views before a random colour", 0, 1)
    light: Literal["random", "studio"] = option(
        "random", "where lit views have their light: near the camera, or above it"
    )
    ambient: float = option(0.1, "ambient share of the light (DreamFusion: 0.1)", 0, 1)
    diffuse: float = option(0.9, "diffuse share of the light (DreamFusion: 0.9)", 0, 1)
    lr_grid: float = option(1e-2, "learning rate of the hash grid", 0, 10)
    lr_decoder: float = option(1e-2, "learning rate of the decoder", 0, 10)
    lr_background: float = option(1e-3, "learning rate of a learned background", 0, 10)


@dataclass(frozen=True)
class GivenConfig:
    """A shape that is given, and how it is followed."""

    init: str = option(
        "blob",
        "what the scene starts as: blob; points, what the pocket model draws first, lifted into space; or a file: a "
        "mesh, a point cloud, or primitives in YAML or JSON",
    )
    init_up: Literal["y", "z"] = option("y", "the vertical axis of that file")
    strictness: float | None = option(
        None, "how strictly that shape is followed to the end, 0 to 1 (none: the scene only starts there)", 0, 1
    )
    control: str = option(
        "",
        "maps that steer every view, as KIND[=MODEL][@SCALE[:START[:END]]],...: depth, normal, canny, scribble, "
        "segmentation, drawn of the given shape or else of the scene as it is",
    )


@dataclass(frozen=True)
class PaintConfig:
    """What of a mesh is painted, and how (t2a paint)."""

    paint_material: str = option("all", "names of the materials to paint, divided by commas; the others stay")
    paint_mask: str = option("", "a picture, looked up by the UVs: what is white is painted, the rest stays")
    paint_strength: float = option(0.9, "noise on the first round's views of the mesh that is painted", 0.01, 1)
    paint_smoothness: Schedule = option(30.0, "weight of the paint's total variation on the surface", 0, 1e6)


@dataclass(frozen=True)
class EditConfig:
    """What an instruction may change, and how it is followed (t2a edit)."""

    image_guidance: float = option(
        1.5, "how closely edited views follow the views of the object (InstructPix2Pix: s_I)", 0, 100
    )
    text_guidance: Schedule = option(7.5, "how strongly they follow the instruction (InstructPix2Pix: s_T)", 0, 1000)
    geometry_change: float = option(
        1.0, "how far the surface may move, as a share of the object's radius: 0 changes colours alone, 1 is free", 0, 1
    )
    edit_mask: str = option(
        "",
        "where the object may change: a box as X0,Y0,Z0,X1,Y1,Z1 in the file's units, a mesh file (a closed one "
        "encloses it, an open one is a piece of the object's surface), or names of materials",
    )
    edit_method: Literal["update", "sds"] = option(
        "update", "rounds of edited views (Instruct-NeRF2NeRF), or score distillation (Instruct 3D-to-3D)"
    )


@dataclass(frozen=True)
class CameraConfig:
    """Where the views are taken from."""

    elevation: tuple[float, float] = option((-10.0, 45.0), "lowest and highest elevation, degrees", -89, 89)
    distance: tuple[float, float] = option((3.0, 3.0), "nearest and farthest camera, scene units", 0.1, 100)
    fov: tuple[float, float] = option((40.0, 40.0), "narrowest and widest vertical field of view, degrees", 1, 170)


@dataclass(frozen=True)
class DistillConfig:
    """Score distillation."""

    steps: int = option(10_000, "optimisation steps", 1, 10_000_000)
    views: int = option(4, "views of a step", 1, 256)
    render_size: Schedule = option(64.0, "pixels along an edge of a view", 8, 2048)
    guidance_scale: Schedule = option(100.0, "classifier-free guidance: uncond + s (cond - uncond)", 0, 1000)
    negative: str = option("", "what the asset should not be")
    weighting: Weighting = option("sigma", "w(t) of the distillation gradient")
    t_min: Schedule = option(0.02, "smallest noise, as a share of the prior's timesteps", 0, 1)
    t_max: Schedule = option(0.98, "largest noise, as a share of the prior's timesteps", 0, 1)
    lr_scale: Schedule = option(1.0, "factor on all learning rates", 0, 100)
    textureless: Schedule = option(0.0, "share of steps that render without colour", 0, 1)
    lambertian: Schedule = option(0.0, "share of steps that render with a light", 0, 1)
    shape: Schedule = option((1.0, 0.0, 0.0, 0.7), "weight of staying near the shape that --init gives", 0, 1e6)
    sparsity: Schedule = option(0.0, "weight of the opacity's sparsity", 0, 1e6)
    entropy: Schedule = option(0.0, "weight of the opacity's entropy", 0, 1e6)
    orientation: Schedule = option(0.0, "weight of normals that face away", 0, 1e6)
    distortion: Schedule = option(0.0, "weight of density spread along rays", 0, 1e6)
    density_smoothness: Schedule = option(0.0, "weight of the density's total variation", 0, 1e6)
    color_smoothness: Schedule = option(0.0, "weight of the colour's total variation", 0, 1e6)
    color_steps: int = option(0, "further steps of a latent scene that is made one of colours first", 0, 10_000_000)
    preview_every: int = option(25, "steps between previews", 1)
    checkpoint_every: int = option(100, "steps between checkpoints", 1)


@dataclass(frozen=True)
class RefineConfig:
    """After the distillation: rounds that draw pictures of the scene anew and fit it to them."""

    rounds: int = option(0, "rounds of refinement (0: none)", 0, 10_000)
    round_views: int = option(12, "views that a round draws anew", 1, 1024)
    round_steps: int = option(30, "steps that fit the scene to them", 1, 100_000)
    refine_size: int | None = option(
        None, "pixels of the views of the rounds (none: those of the distillation)", 8, 2048
    )
    refine_views: int | None = option(None, "views of each of their steps (none: those of the distillation)", 1, 1024)
    first_round_steps: int | None = option(None, "steps of the first round (none: those of every round)", 1, 100_000)
    strength: Schedule = option((0.6, 0.3, 0.0, 1.0), "noise on them, as a share of the prior's timesteps", 0.01, 1)
    first_strength: float | None = option(
        None, "noise on those of the first round; 1 draws from noise alone (none: that of every round)", 0.01, 1
    )
    guided_strength: Schedule = option(
        (0.6, 0.15, 0.0, 1.0), "the same where --init gives the shape, which much noise would forget", 0.01, 1
    )
    anchor: bool = option(
        False, "draw the views of later rounds beside the first round's, and go on fitting the scene to those too"
    )
    denoise_steps: int = option(6, "steps that take the noise away", 1, 1000)
    first_denoise_steps: int | None = option(
        None, "steps that take that of the first round away (none: those of every round)", 1, 1000
    )
    refine_shading: Literal["albedo", "lambertian"] = option("albedo", "whether the views of the rounds are lit")
    matte: float = option(0.0, "weight of the silhouettes that the drawn views show before a plain backdrop", 0, 1e3)
    refine_entropy: Schedule = option(0.0, "weight of the opacity's entropy in the rounds", 0, 1e6)
    refine_guidance: Schedule = option(4.0, "classifier-free guidance of these steps", 0, 1000)
    refine_lr: Schedule = option(0.5, "factor on all learning rates in the rounds", 0, 100)


@dataclass(frozen=True)
class MeshConfig:
    """The mesh and its texture."""

    resolution: int = option(112, "cells along an edge of the extraction grid", 16, 512)
    faces: int = option(10_000, "triangle budget", 12, 400_000)
    texture: int = option(1024, "pixels along an edge of the texture", 64, 8192)
    preview_resolution: int = option(
        0, "cells along an edge of the coarse mesh that comes with previews while the object grows (0: none)", 0, 128
    )
    height: float | None = option(None, "height of the asset in metres (none: 1 scene unit is 1 metre)", 0.001, 10_000)


@dataclass(frozen=True)
class Config:
    """All options of a job."""

    preset: str = "pocket"
    model: str = field(
        default="pocket", metadata={"help": 'the frozen prior: "pocket", a diffusers folder or a hub id'}
    )
    seed: int = option(0, "makes every random draw repeatable", 0, 2**31 - 1)
    offline: bool = option(False, "forbid the network")
    device: str = option("cpu", "torch device: cpu, cuda, cuda:1, mps")
    precision: Literal["fp32", "bf16", "fp16"] = option("fp32", "number format of the prior")
    scene: SceneConfig = SceneConfig()
    given: GivenConfig = GivenConfig()
    paint: PaintConfig = PaintConfig()
    edit: EditConfig = EditConfig()
    cameras: CameraConfig = CameraConfig()
    distill: DistillConfig = DistillConfig()
    refine: RefineConfig = RefineConfig()
    mesh: MeshConfig = MeshConfig()


SECTIONS: dict[str, type] = {
    "scene": SceneConfig,
    "given": GivenConfig,
    "paint": PaintConfig,
    "edit": EditConfig,
    "cameras": CameraConfig,
    "distill": DistillConfig,
    "refine": RefineConfig,
    "mesh": MeshConfig,
}


@dataclass(frozen=True)
class Option:
    """One option as a command line sees it."""

    name: str
    section: str
    """"" for the options of the job itself."""
    type: Any
    default: Any
    help: str
    low: float | None
    high: float | None


def options() -> Iterator[Option]:
    """Every option, in the order of this file."""
    for section, cls in {"": Config, **SECTIONS}.items():
        hints = get_type_hints(cls)
        for f in dataclasses.fields(cls):
            if f.name != "preset" and f.name not in SECTIONS:
                meta = f.metadata
                yield Option(f.name, section, hints[f.name], f.default, meta["help"], meta.get("low"), meta.get("high"))


def presets() -> dict[str, Path]:
    """Name and file of every preset; configs/ lies inside the installed package, or beside it in a checkout."""
    here = Path(__file__).parent
    for folder in (here / "configs", here.parent / "configs"):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    raise UserError("the configs folder is missing; install t2a again")


NO_FILE = ("blob", "points")
"""What a scene starts as where it starts from no file."""
NO_START = {"init": "blob"}
"""What `load` is given where the shape is there already: a mesh that is painted."""
WITH_SHAPE, WITH_POINTS = "with_shape", "with_points"
"""A preset's options for scenes that start from a given shape, or from what was drawn first, where they differ."""


def load(preset: str = "pocket", overrides: Mapping[str, Any] | None = None) -> Config:
    """A preset with `overrides` (option name -> value). Raises UserError for unknown names and values out of range."""
    import yaml

    files = presets()
    if preset not in files:
        raise UserError(f"there is no preset {preset!r}; choose one of: {', '.join(files)}")
    raw: dict[str, Any] = yaml.safe_load(files[preset].read_text(encoding="utf-8")) or {}
    values: dict[str, Any] = {}
    shaped, drawn = raw.pop(WITH_SHAPE, {}), raw.pop(WITH_POINTS, {})
    for key, value in raw.items():
        values.update(value if key in SECTIONS else {key: value})
    start = {**values, **(overrides or {})}.get("init", "blob")
    values.update({"blob": {}, "points": drawn}.get(start, shaped))
    values.update(overrides or {})
    known = {o.name: o for o in options()}
    sections: dict[str, dict[str, Any]] = {name: {} for name in ("", *SECTIONS)}
    for name, value in values.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise UserError(
                f"there is no option {name!r}"
                + (f"; did you mean {near[0]!r}?" if near else "; see t2a generate --help")
            )
        sections[known[name].section][name] = checked(known[name], value)
    built = {name: cls(**sections[name]) for name, cls in SECTIONS.items()}
    return consistent(Config(preset=preset, **sections[""], **built))


def consistent(config: Config) -> Config:
    """The configuration; raises UserError for options that contradict each other."""
    scene, distill, refine = config.scene, config.distill, config.refine
    unlit = [f"--{name} 0" for name in ("lambertian", "textureless") if peak(getattr(distill, name)) > 0]
    if refine.rounds and refine.refine_shading != "albedo":
        unlit.append("--refine-shading albedo")
    if scene.latent and unlit:
        raise UserError(f"a latent scene cannot be lit; add {' '.join(unlit)}")
    if distill.color_steps and not scene.latent:
        raise UserError("color-steps is for scenes that hold latents first; add --latent, or leave --color-steps away")
    if not scene.latent and scene.channels != 3:
        raise UserError(f"channels is {scene.channels}, but colours have 3; add --latent, or leave --channels away")
    if refine.rounds and refine.matte and (scene.latent or scene.background in ("random", "learned")):
        raise UserError(
            f"matte is {refine.matte:g}, but silhouettes can only be told from colours before a plain backdrop; "
            "choose --background studio, white or black, or --matte 0"
        )
    return config


def checked(o: Option, value: Any) -> Any:
    """`value` in the option's type and range; raises UserError naming the value, the range and the option."""
    name, kind = o.name.replace("_", "-"), o.type
    if kind == Schedule:
        value = check_schedule(value, name)
        parts: tuple = value[:2] if isinstance(value, tuple) else (value,)
    elif get_origin(kind) is tuple:
        if (
            not isinstance(value, (list, tuple))
            or len(value) != len(get_args(kind))
            or not all(_is_number(v) for v in value)
        ):
            raise UserError(f"{name} is {value!r}; it must be {len(get_args(kind))} numbers")
        value = parts = tuple(float(v) for v in value)
        if len(value) == 2 and value[0] > value[1]:
            raise UserError(f"{name} is {value[0]:g} {value[1]:g}; the first number must not exceed the second")
    elif get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise UserError(f"{name} is {value!r}; choose one of: {', '.join(map(str, get_args(kind)))}")
        parts = ()
    elif kind is bool or kind is str:
        if not isinstance(value, kind):
            raise UserError(f"{name} is {value!r}; it must be {'true or false' if kind is bool else 'text'}")
        parts = ()
    else:
        optional = type(None) in get_args(kind)
        if value is None and optional:
            return None
        whole = int in (get_args(kind) or (kind,))
        if not _is_number(value) or (whole and value != int(value)):
            raise UserError(f"{name} is {value!r}; it must be a {'whole ' if whole else ''}number")
        value = int(value) if whole else float(value)
        parts = (value,)
    for part in parts:
        # The comparison is written so that NaN fails it.
        if not (o.low is None or part >= o.low) or not (o.high is None or part <= o.high):
            limits = (("at least", o.low), ("at most", o.high))
            bounds = [f"{word} {_plain(limit)}" for word, limit in limits if limit is not None]
            raise UserError(f"{name} is {_plain(part)}; it must be {' and '.join(bounds)}")
    return value


def _plain(number: float) -> str:
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:g}"


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and value == value
        and abs(value) != float("inf")
    )


def as_dict(config: Config) -> dict[str, Any]:
    """Nested plain values, as reports and checkpoints keep them."""
    return dataclasses.asdict(config)
