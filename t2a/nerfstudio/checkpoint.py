"""What one of nerfstudio's methods has trained, as pictures: the scene is asked to show what its own cameras saw."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from jaxtyping import Float

from t2a.capture.pictures import Capture, Picture, upright, z_up_to_y_up
from t2a.errors import MissingExtra, UserError
from t2a.events import Event, Stopwatch

NAME = "config.yml"
STAGE = "nerfstudio"
MOST, EDGE = 48, 128
"""Cameras that are shown through, and the pixels of a picture's longer edge."""
TAG = re.compile(r"tag:yaml\.org,2002:python/(?P<kind>[a-z/]+):(?P<name>.*)")
CLASS = r"nerfstudio\.[\w.]+\.[A-Z]\w*"
CALLED = re.compile(rf"{CLASS}|pathlib\.(Pure)?(Posix|Windows)?Path")
"""What a configuration may call when it is read."""
NAMED = re.compile(rf"{CLASS}|t2a\.[\w.]+\.[A-Z]\w*|torch\.optim\.[\w.]+|nerfstudio\.data\.utils\.[\w.]+collate")
"""What it may name, and make objects of."""
NUMBERS: list[Any] = [
    type(np.dtype(np.float64)),
    np.dtype,
    (np.float64(0).__reduce__()[0], "numpy.core.multiarray.scalar"),
]
"""numpy's numbers, which nerfstudio's checkpoints have among torch's tensors; torch loads nothing else of what is
pickled."""
BACKGROUND = 0.98
"""Of scenes whose rays nearly all end somewhere nobody has said what is the object."""


def is_checkpoint(path: Path) -> bool:
    """Whether it is a configuration that nerfstudio has written."""
    return path.suffix.lower() in (".yml", ".yaml")


def read_checkpoint(path: Path) -> Generator[Event, None, Capture]:
    """The pictures that the scene shows to the cameras that it has learnt from, in those cameras' own world. Raises
    UserError for a configuration that cannot be read or would run foreign code, and MissingExtra without nerfstudio."""
    check_tags(path)
    try:
        from nerfstudio.utils.eval_utils import eval_setup
    except ImportError as error:
        raise MissingExtra("nerfstudio", "nerfstudio") from error
    yield Event(STAGE, 0, MOST)
    try:
        with _quietly(), torch.serialization.safe_globals(NUMBERS):
            _, pipeline, _, _ = eval_setup(path, test_mode="inference")
    except SystemExit as error:
        raise UserError(f"{path} has no checkpoint beside it; train until one is saved (--steps-per-save)") from error
    except Exception as error:  # each method fails in its own way
        raise UserError(f"nerfstudio cannot load {path}: {type(error).__name__}: {error}") from error
    outputs = pipeline.datamanager.train_dataparser_outputs
    cameras = outputs.cameras.to("cpu")
    chosen = np.linspace(0, len(cameras) - 1, min(len(cameras), MOST)).round().astype(int)
    watch, pictures = Stopwatch(len(chosen)), []
    for done, number in enumerate(chosen, 1):
        camera = cameras[int(number) : int(number) + 1]
        camera.rescale_output_resolution(EDGE / max(int(camera.width), int(camera.height)))
        with _quietly():
            seen = pipeline.model.get_outputs_for_camera(camera.to(pipeline.device))
        rgb = seen["rgb"].clamp(0, 1).cpu().numpy()
        opacity = seen["accumulation"][..., 0].cpu().numpy() if "accumulation" in seen else None
        pose = _in_world(camera.camera_to_worlds[0].numpy(), outputs)
        focal, centre = (float(camera.fx), float(camera.fy)), (float(camera.cx), float(camera.cy))
        pictures.append(Picture(rgb, opacity, z_up_to_y_up(pose), focal, centre))
        yield Event(STAGE, done, len(chosen), watch.eta(done), preview=rgb)
    return Capture(upright(_told_apart(pictures)))


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """What nerfstudio prints, and what its dependencies' newer versions warn it of, is not for whoever edits."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _told_apart(pictures: list[Picture]) -> list[Picture]:
    """Without opacities where nearly everything is opaque."""
    known = [p.opacity for p in pictures if p.opacity is not None]
    if len(known) == len(pictures) and np.mean([(o > 0.5).mean() for o in known]) < BACKGROUND:
        return pictures
    return [replace(p, opacity=None) for p in pictures]


def _in_world(pose: Float[np.ndarray, "3 4"], outputs) -> Float[np.ndarray, "3 4"]:
    """From nerfstudio's normalised space to the data's own."""
    turn = np.asarray(outputs.dataparser_transform, np.float64)
    pose = pose.astype(np.float64)
    rotation = turn[:, :3]
    position = rotation.T @ (pose[:, 3] / outputs.dataparser_scale - turn[:, 3])
    return np.concatenate([rotation.T @ pose[:, :3], position[:, None]], axis=1)


def check_tags(path: Path) -> None:
    """nerfstudio reads its configurations with a loader that runs whatever they name: raise UserError for one that
    names anything but nerfstudio's and t2a's own classes and paths."""
    try:
        tags = [node.tag for node in _nodes(yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader))]
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path} cannot be read as YAML; give the config.yml that ns-train has written") from error
    objects = [found for tag in tags if (found := TAG.fullmatch(tag))]
    for found in objects:
        kind, name = found["kind"], found["name"]
        plain = kind in ("tuple", "name", "object") and (not name or NAMED.fullmatch(name))
        if not plain and not (kind == "object/apply" and CALLED.fullmatch(name)):
            raise UserError(f"{path} would run {name or kind}, which is not nerfstudio's; give a file of its own")
    if not any(found["name"].endswith("TrainerConfig") for found in objects):
        raise UserError(f"{path} is no configuration of nerfstudio's; give the config.yml that ns-train has written")


def _nodes(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """The node and all below it, each once."""
    waiting, seen = [node], set[int]()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, yaml.MappingNode):
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
