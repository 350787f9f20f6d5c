"""The job of an edit, reading top to bottom as its stages."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Generator
from pathlib import Path
from typing import Any

import torch

from t2a import config as configs
from t2a import lift as lifting
from t2a import pocket
from t2a.canvas import geometry_hash
from t2a.config import NO_FILE, Config
from t2a.distill import refine as refinement
from t2a.distill.loop import STAGE, distil
from t2a.edit.making import made
from t2a.edit.masks import allowed
from t2a.edit.objects import bare, history, read_subject
from t2a.edit.outcome import ROOM, Edit, compared, lifted_edit
from t2a.errors import MissingExtra, UserError
from t2a.events import Event, Progress, run
from t2a.export import mesh_report
from t2a.mesh import topology
from t2a.mesh.parts import joined
from t2a.paint import contact_sheet
from t2a.pipelines import (
    Clock,
    build_scene,
    check_device,
    full_report,
    how_to_load,
    identity,
    model_source,
    vocabulary_warnings,
)
from t2a.priors.catalog import check_source
from t2a.priors.instruct import InstructPrior, load_instruct
from t2a.prompts import check_prompt
from t2a.scene.guide import SIZE
from t2a.scene.source import Source
from t2a.types import Asset, Material, PointCloud


def edit_3d(
    source: str | Path,
    instruction: str,
    *,
    preset: str = "pocket",
    seed: int = 0,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    **options: Any,
) -> Asset:
    """The object in the file `source`, changed as the instruction says: a mesh, a point cloud, pictures with their
    cameras (transforms.json) or a scene of nerfstudio's (config.yml). The arguments are those of `text_to_3d`, and
    those of the section `edit` (t2a.config.EditConfig) say what may change. Raises UserError for bad input, before any
    model is loaded, and for an instruction that changes nothing."""
    config = configs.load(preset, {**options, "seed": seed})
    return run(stages(Path(source), instruction, config, checkpoint=checkpoint, resume=resume), progress)


def stages(
    file: Path, instruction: str, config: Config, *, checkpoint: str | Path | None = None, resume: bool = False
) -> Generator[Event, None, Asset]:
    """The job as a generator of events that returns the Asset; closing it cancels."""
    instruction = check_prompt(instruction)
    check_device(config.device)
    check_source(model_source(config))
    check_options(config)
    clock = Clock()
    with clock("read"):
        subject = yield from read_subject(file, config)
    parts = subject.parts
    if subject.psnr is not None:  # its colours hold the light already
        config = dataclasses.replace(config, refine=dataclasses.replace(config.refine, refine_shading="albedo"))
    with clock("load"):
        yield Event("load", 0, 1)
        source = Source(
            parts,
            config.scene,
            SIZE * (ROOM if config.edit.geometry_change else 1.0),
            config.refine.refine_shading,
            config.device,
        )
        where = allowed(config.edit.edit_mask, source)
        prior = load_editor(config)
        behind = torch.tensor(config.scene.backdrop, device=config.device).expand(1, 1, 1, 3)
        prior.source = lambda cameras: source.render(cameras.to(config.device), prior.image_size, behind).rgb.clamp(
            0, 1
        )
        warnings = [*vocabulary_warnings(instruction, config), *prior.unread(instruction), *bare(parts)]
        yield Event("load", 1, 1)
    state: dict[str, Any] = {
        "seed": config.seed,
        "checkpoint": None if checkpoint is None else Path(checkpoint),
        "resume": resume,
        "identity": identity(instruction, config) | {"edited": geometry_hash(source.mesh)},
    }
    rounds = dataclasses.replace(config.refine, refine_guidance=config.edit.text_guidance)
    if config.edit.edit_method == "update" and lifting.can_lift(prior, config):
        with clock(lifting.STAGE):
            lifted = yield from lifting.lift(prior, instruction, dataclasses.replace(config, refine=rounds))
            edit = lifted_edit(prior, source, lifted, where, config)
            scene = edit.scene.to(config.device)
        with clock(refinement.STAGE):
            yield from refinement.refine(
                prior,
                scene,
                instruction,
                rounds,
                config.distill,
                config.cameras,
                drawn=edit.drawing,
                changeable=scene.changeable if edit.surface is None else None,
                **state,
            )
    else:
        nerf = build_scene(config, source.guide, PointCloud(source.samples[0], source.samples[2])).to(config.device)
        before = compared(nerf, config)
        if config.edit.edit_method == "sds":
            with clock(STAGE):
                how = dataclasses.replace(config.distill, guidance_scale=config.edit.text_guidance)
                yield from distil(prior, nerf, instruction, how, config.cameras, **state)
        else:
            with clock(refinement.STAGE):
                yield from refinement.refine(prior, nerf, instruction, rounds, config.distill, config.cameras, **state)
        edit = Edit.of(source, before, before, compared(nerf, config), where, config)
        edit = dataclasses.replace(edit, scene=nerf)
    del prior
    result = yield from made(source, edit, config, clock)
    with clock("report"):
        yield Event("report", 0, 1)
        sheet = contact_sheet(Source(result, config.scene, SIZE, config.refine.refine_shading).scene, config)
        whole = joined([part.mesh.with_(uvs=None, normals=None) for part in result])
        closed = topology(joined([part.mesh for part in parts])).watertight
        report = mesh_report(whole, Material(), watertight_expected=closed)
        yield Event("report", 1, 1, preview=sheet)
    share = float((edit.paint(torch.from_numpy(source.samples[0])) > 0.5).float().mean())
    if subject.psnr is not None:
        report |= {"pictures_psnr": round(subject.psnr, 2)}
    report |= {"keeps_shape": edit.surface is None, "changed_surface": round(share, 4)}
    told = full_report(instruction, config, clock, report, warnings, edited=file.name)
    entry = {"instruction": instruction, "seed": config.seed, "model": config.model}
    chain = {"history": [*history(file), entry]}
    told |= {**chain, "provenance": {**told["provenance"], **chain}}
    first, *rest = result
    return Asset(first.mesh, first.material, told, sheet, tuple(rest), placed=False)


def check_options(config: Config) -> None:
    """Raise UserError for options that mean nothing to an object that exists."""
    if config.scene.latent:
        raise UserError("editing works in colours; leave --latent away")
    if config.mesh.height is not None:
        raise UserError("editing leaves the object as large as it is; leave --height away")
    if config.given.init not in NO_FILE or config.given.strictness is not None or config.given.control:
        raise UserError("the object that is edited is the start; leave --init, --strictness and --control away")
    if config.model == "pocket" and not pocket.instruct_path().is_dir():
        raise UserError("this version of t2a has no model that edits; name one in InstructPix2Pix's format by --model")
    for module, package in (("igl", "libigl"), ("manifold3d", "manifold3d")):
        if config.edit.geometry_change and importlib.util.find_spec(module) is None:
            raise MissingExtra(package, "shape")


def load_editor(config: Config) -> InstructPrior:
    """The model that edits pictures that the options name."""
    return load_instruct(
        model_source(config),
        beside=pocket.instruct_path() if config.model == "pocket" else None,
        image_guidance=config.edit.image_guidance,
        **how_to_load(config),
    )
