"""The state of a running distillation in a file, so that it continues to the same bits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from t2a.errors import UserError


def write_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """torch.save by rename: an interrupted write leaves the previous checkpoint whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    torch.save(state, temporary)
    os.replace(temporary, path)


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
