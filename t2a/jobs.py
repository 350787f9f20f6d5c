"""A job on disk: what a command line and a worker do alike around a pipeline. Checks come before anything heavy is
imported; a folder beside the output holds what an interruption must not lose."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from t2a.config import Config
from t2a.errors import UserError
from t2a.prompts import check_prompt

if TYPE_CHECKING:
    from t2a.events import Event
    from t2a.points import PointOptions
    from t2a.types import Asset

Way = Literal["generate", "paint", "edit"]
WRITTEN = (".glb", ".json", ".png")
"""The asset, its report and its contact sheet."""


def go_offline(config: Config | PointOptions) -> None:
    """Where the network is forbidden tell the hub's library too, which might otherwise ask for newer versions of what
    is here. It listens only before it is imported."""
    if config.offline:
        os.environ["HF_HUB_OFFLINE"] = "1"


class Beside:
    """Where a job keeps what an interruption must not lose, and what shows how it goes: a folder beside its output."""

    output: Path

    @property
    def folder(self) -> Path:
        return self.output.with_suffix(".t2a")

    @property
    def preview(self) -> Path:
        return self.folder / "preview.png"

    @property
    def growing(self) -> Path:
        """The coarse mesh of what has grown so far."""
        return self.folder / "preview.ply"


@dataclass(frozen=True)
class GenerateJob(Beside):
    """A sentence, and perhaps an object that is painted or edited, to a GLB; `generate_job` makes one that has been
    checked."""

    prompt: str
    output: Path
    config: Config
    resume: bool = False
    keep: bool = False
    """The folder, after success."""
    source: Path | None = None
    """The file of what is painted or edited; without one there will be a new object."""
    way: Way = "generate"

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    @property
    def files(self) -> dict[str, Path]:
        """What a finished job has written, by the file's suffix without its dot."""
        return {suffix[1:]: self.output.with_suffix(suffix) for suffix in WRITTEN}

    def events(self) -> Generator[Event, None, Asset]:
        """The pipeline's events; the asset is saved and returned at the end. Closing it cancels the job."""
        state: dict[str, Any] = {"checkpoint": self.checkpoint, "resume": self.resume}
        if self.source is None:
            from t2a.pipelines import stages

            asset = yield from stages(self.prompt, self.config, **state)
        elif self.way == "paint":
            from t2a.paint import stages as paint_stages

            asset = yield from paint_stages(self.source, self.prompt, self.config, **state)
        else:
            from t2a.edit import stages as edit_stages

            asset = yield from edit_stages(self.source, self.prompt, self.config, **state)
        asset.save(self.output)
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        return asset

    def stopped(self) -> bool:
        """After a cancelled or failed run: whether it can be resumed. A folder with nothing to resume from goes."""
        if self.checkpoint.exists():
            return True
        shutil.rmtree(self.folder, ignore_errors=True)
        return False


@dataclass(frozen=True)
class Made:
    """What a job that makes no asset says of what it has made."""

    report: dict[str, Any]


@dataclass(frozen=True)
class PointsJob(Beside):
    """A sentence to a cloud in a file; `points_job` makes one that has been checked. Takes seconds, and cannot be
    resumed."""

    prompt: str
    output: Path
    config: PointOptions

    @property
    def files(self) -> dict[str, Path]:
        return {self.output.suffix[1:]: self.output}

    def events(self) -> Generator[Event, None, Made]:
        """As those of a GenerateJob."""
        import t2a
        from t2a.export.cloud import write_cloud
        from t2a.points import stages

        cloud = yield from stages(self.prompt, self.config)
        write_cloud(self.output, cloud)
        self.stopped()
        told = {"prompt": self.prompt, "seed": self.config.seed, "model": self.config.model, "version": t2a.__version__}
        return Made({**told, "points": len(cloud.points)})

    def stopped(self) -> bool:
        shutil.rmtree(self.folder, ignore_errors=True)
        return False


def points_job(prompt: str, output: Path, options: dict[str, Any]) -> PointsJob:
    """Raises UserError for a prompt, an output or options (t2a.points.PointOptions) that will not do."""
    prompt = check_prompt(prompt)
    from t2a.export.cloud import FORMATS
    from t2a.export.files import check_writable
    from t2a.points import PointOptions

    if output.suffix.lower() not in FORMATS:
        raise UserError(f"the output {output} does not end in {' or '.join(FORMATS)}")
    plain = {"model": str, "count": int, "seed": int, "steps": int, "guidance_scale": (int, float), "offline": bool}
    for name, value in options.items():
        if name not in plain:
            raise UserError(f"clouds have no option {name!r}; they have: {', '.join(plain)}")
        if not isinstance(value, plain[name]) or isinstance(value, bool) != (name == "offline"):  # type: ignore[arg-type]
            raise UserError(f"the option {name} of a cloud is {value!r}; see t2a points --help")
    job = PointsJob(prompt, output, PointOptions(**options))
    check_writable(output)
    return job


def generate_job(
    prompt: str,
    output: Path,
    config: Config,
    *,
    resume: bool = False,
    keep: bool = False,
    source: Path | None = None,
    way: Way = "generate",
) -> GenerateJob:
    """Raises UserError for a prompt, a source or an output that will not do, and where there is nothing to resume."""
    prompt = check_prompt(prompt)
    if output.suffix.lower() != ".glb":
        raise UserError(f"the output {output} does not end in .glb; t2a writes GLB files")
    from t2a.export.files import check_writable

    if source is not None and not (source.is_file() or way == "edit" and source.is_dir()):
        wanted = "the mesh that gets a texture" if way == "paint" else "the object or the scene that is edited"
        raise UserError(f"there is no file {source}; name {wanted}")
    if source is not None and output.exists() and source.samefile(output):
        raise UserError(f"the output {output} is the source itself; give it another name, so that the old one stays")
    job = GenerateJob(prompt, output, config, resume, keep, source, way)
    for path in job.files.values():
        check_writable(path)
    if resume and not job.checkpoint.exists():
        raise UserError(f"there is nothing to resume: {job.checkpoint} does not exist; run without --resume")
    return job
