"""A small network of our own in a folder: config.json and model.safetensors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes
from torch import nn

from t2a.errors import UserError

Module = TypeVar("Module", bound=nn.Module)


def save_module(module: nn.Module, config: Mapping[str, Any], folder: Path, dtype: torch.dtype = torch.float16) -> None:
    """Write what `load_module` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    values = {name: value.to(dtype).contiguous() for name, value in module.state_dict().items()}
    # Written here rather than by save_file, which makes the file unreadable to other users.
    (folder / "model.safetensors").write_bytes(to_bytes(values))


def load_module(folder: Path, build: Callable[[dict[str, Any]], Module], what: str, remedy: str) -> Module:
    """`build(config)` with the weights in `folder`, in fp32 and on the CPU; lists of the config are given as tuples.
    Raises UserError, which names `what` it should be and the `remedy`, for a folder that holds something else."""
    try:
        raw: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        module = build({name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()})
        weights = load_file(folder / "model.safetensors")
        module.load_state_dict({name: value.float() for name, value in weights.items()})
    except (OSError, ValueError, TypeError, AttributeError, RuntimeError, SafetensorError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"{what} in {folder} cannot be loaded: {first}; {remedy}") from error
    return module
