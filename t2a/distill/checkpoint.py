"""The state of a running distillation in a file, so that it continues to the same bits."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from t2a.errors import UserError
from t2a.scene import Scene

ORDER = ("distil", "refine", "colors")
"""The stages of a job that keep checkpoints, one after the other."""


@dataclass(frozen=True)
class Running:
    """A stage's whole state while it runs; all but `stage` and `identity` changes in place."""

    stage: str
    scene: Scene
    optimizer: torch.optim.Optimizer
    generator: torch.Generator
    identity: dict[str, Any] | None
    """What the job is about; a checkpoint of another one is refused."""
    kept: dict[str, Tensor] = field(default_factory=dict)
    """Whatever else the stage goes on from."""

    def save(self, path: Path, step: int) -> None:
        """Write by rename: an interrupted write leaves the previous checkpoint whole."""
        temporary = path.with_name(path.name + ".tmp")
        state = {
            "stage": self.stage,
            "step": step,
            "scene": self.scene.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "kept": self.kept,
            "identity": self.identity,
        }
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.save(state, temporary)
            os.replace(temporary, path)
        except (OSError, RuntimeError) as error:  # torch reports a full disk as a RuntimeError
            raise UserError(
                f"the checkpoint {path} cannot be written ({str(error).splitlines()[0]}); free some space, or remove "
                "what stands in its place"
            ) from error

    def first(self, path: Path | None, resume: bool) -> int | None:
        """The step to begin at: that of the checkpoint, whose state is taken over, if it is to be resumed; 0 if there
        is none yet or only one of an earlier stage; None if a later stage has begun, before which nothing is left to
        do. Raises UserError if it is unreadable or belongs to another job."""
        if not resume or path is None or not path.exists():
            return 0
        state = read_checkpoint(path, self.identity)
        if state["stage"] != self.stage:
            return 0 if ORDER.index(state["stage"]) < ORDER.index(self.stage) else None
        self._restore(state, path)
        return state["step"]

    def _restore(self, state: dict[str, Any], path: Path) -> None:
        try:
            self.scene.load_state_dict(state["scene"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.generator.set_state(state["generator"])
            device = next(self.scene.parameters()).device
            self.kept.update({name: value.to(device) for name, value in state["kept"].items()})
        except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(
                f"the checkpoint {path} does not fit this version of t2a; delete it and start again without --resume"
            ) from error


def read_checkpoint(path: Path, identity: dict[str, Any] | None) -> dict[str, Any]:
    """The state in `path`; raises UserError if it is unreadable or belongs to another job."""
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
        other = state["identity"]
    except Exception as error:
        raise UserError(
            f"the checkpoint {path} cannot be read ({type(error).__name__}); delete it and start again without --resume"
        ) from error
    if other != identity:
        differing = sorted(
            k for k in {*(other or {}), *(identity or {})} if (other or {}).get(k) != (identity or {}).get(k)
        )
        raise UserError(
            f"the checkpoint {path} belongs to a job with another {', '.join(differing)}; "
            "use the same options, or start again without --resume"
        )
    return state
