"""`t2a eval edit --knobs`: what each option of an edit does; `--chain`: what is left of an object after several."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import torch

from t2a.config import Config
from t2a.edit import stages
from t2a.errors import UserError
from t2a.eval.edit import asset_of, left_alone_by, views_of
from t2a.eval.retrieval import strip
from t2a.events import run
from t2a.export import write_glb
from t2a.export.files import write_json, write_png
from t2a.mesh import psnr
from t2a.mesh.parts import read_parts
from t2a.pocket.captions import Item, Spec
from t2a.pocket.edits import Edit, edited_scene
from t2a.pocket.sheet import titled

SEED = 8101
KNOBS: dict[str, list[dict[str, Any]]] = {
    "make it a wizard": [
        {},
        {"text_guidance": 2.0},
        {"text_guidance": 9.0},
        {"image_guidance": 1.0},
        {"image_guidance": 3.0},
        {"geometry_change": 0.1},
        {"geometry_change": 0.0},
        {"edit_mask": "-1,0.1,-1,1,2,1"},
        {"edit_method": "sds", "steps": 200},
    ],
    "paint it blue": [{}, {"edit_method": "sds", "steps": 200}],
}
"""Instructions for a snowman, each with the options that differ from the preset's."""
CHAIN = ("give it a red hat", "paint the hat blue", "remove the hat")
"""Instructions for a fox, one after the other."""


def knobs(output: Path, config: Config) -> int:
    """A row for each choice of options: the object, and what became of it."""
    output.mkdir(parents=True, exist_ok=True)
    edit = Edit("accessory", Spec((Item("snowman"),)), Spec((Item("snowman"),)), "")
    given = output / "snowman.glb"
    write_glb(given, *asset_of(edited_scene(edit, SEED).source))
    rows = [titled(_strip(given), "the object")]
    for instruction, choices in KNOBS.items():
        for choice in choices:
            told = ", ".join(f"{name.replace('_', '-')} {value}" for name, value in choice.items())
            print(instruction, told, flush=True)
            rows.append(titled(_strip(_edited(given, instruction, choice, config)), f"{instruction}  {told}"))
            write_png(output / "knobs.png", np.concatenate(rows))
    return 0


def chain(output: Path, config: Config) -> int:
    """Three edits in a row, and after each how much the rest still looks like the object: dB."""
    output.mkdir(parents=True, exist_ok=True)
    bare = Item("fox")
    edit = Edit("accessory", Spec((bare,)), Spec((dataclasses.replace(bare, accessory="hat"),)), "")
    scenes = edited_scene(edit, SEED)
    given = output / "fox.glb"
    write_glb(given, *asset_of(scenes.source))
    same, before = left_alone_by(scenes)[0], views_of(read_parts(given))[0]
    rows, figures = [titled(_strip(given), "the object")], []
    for instruction in CHAIN:
        given = _edited(given, instruction, {}, config)
        figures.append({"instruction": instruction, "psnr": psnr(before[same], views_of(read_parts(given))[0][same])})
        print(f"{instruction}: {figures[-1]['psnr']:.1f} dB", flush=True)
        rows.append(titled(_strip(given), f"{instruction}: {figures[-1]['psnr']:.1f} dB elsewhere"))
        write_png(output / "chain.png", np.concatenate(rows))
        write_json(output / "chain.json", figures)
    return 0


def _edited(given: Path, instruction: str, choice: dict[str, Any], config: Config) -> Path:
    """The file of what became of `given`; the file itself where nothing changed."""
    made = given.with_name(f"{given.stem}_{len(list(given.parent.glob('*.glb')))}.glb")
    try:
        run(stages(given, instruction, _with(config, choice))).save(made)
    except UserError as error:
        print(error, flush=True)
        return given
    return made


def _with(config: Config, choice: dict[str, Any]) -> Config:
    """The options of the section `edit`, and the distillation's steps."""
    own = {name: value for name, value in choice.items() if name != "steps"}
    steps = choice.get("steps", config.distill.steps)
    return dataclasses.replace(
        config,
        edit=dataclasses.replace(config.edit, **own),
        distill=dataclasses.replace(config.distill, steps=steps),
    )


def _strip(file: Path) -> np.ndarray:
    return np.asarray(strip(torch.from_numpy(views_of(read_parts(file))[0]))) / 255
