"""Point-E's weights: the official .pt files as they are, and safetensors.

The official files come without published hashes. So the SHA-256 of each is noted when it is first loaded, in
point_e.json in the user's cache folder, and a file that is another one later is refused. They are read with
weights_only: nothing is unpickled but tensors.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from t2a.errors import UserError
from t2a.priors.point_e import build, config_of
from t2a.priors.point_e.configs import CONFIGS, FILES, Config

Layout = dict[str, tuple[int, ...]]


def load(path: str | Path, model: str | Config) -> nn.Module:
    """The model of a published name (or of a configuration of one's own) with the weights in `path`: frozen, in fp32,
    on the CPU. Raises UserError for a file that is missing, damaged, changed, or another model's."""
    path = Path(path)
    config = config_of(model) if isinstance(model, str) else model
    if not path.is_file():
        hint = f" of the official {FILES[model]}" if isinstance(model, str) else ""
        raise UserError(f"there is no file {path}; give the path{hint}, or of a .safetensors file")
    if path.suffix == ".safetensors":
        state = _read_safetensors(path)
        check(state, config, path)
    elif path.suffix == ".pt" and isinstance(model, str):
        digest = sha256(path)
        check_pin(model, digest, path)
        state = _read_official(path)
        check(state, config, path)
        pin(model, digest)  # only now: a damaged download must not become the one that is trusted
    else:
        raise UserError(f"{path} cannot be loaded; give an official .pt file or a .safetensors file")
    with torch.device("meta"):  # the weights below are the only ones in memory
        network = build(config)
    network.load_state_dict({name: value.float() for name, value in state.items()}, assign=True)
    return network.requires_grad_(False).eval()


def save(model: nn.Module, path: str | Path, dtype: torch.dtype = torch.float32) -> Path:
    """Write the weights as safetensors, by rename."""
    path = Path(path)
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: value.to(dtype).contiguous() for name, value in model.state_dict().items()}, temporary)
        os.replace(temporary, path)
    except (OSError, SafetensorError) as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise UserError(f"cannot write {path}: {error}; choose another folder or free some space") from error
    return path


def convert(source: str | Path, target: str | Path, name: str, dtype: torch.dtype = torch.float32) -> Path:
    """An official .pt file of the published model `name` as safetensors, which load faster and need no trust."""
    return save(load(source, name), target, dtype)


def layout(config: Config) -> Layout:
    """Names and shapes of a model's weights."""
    with torch.device("meta"):
        return {name: tuple(value.shape) for name, value in build(config).state_dict().items()}


def check(state: dict[str, Tensor], config: Config, path: Path) -> None:
    """Raise UserError unless `state` has exactly the model's weights."""
    expected = layout(config)
    found = {name: tuple(value.shape) for name, value in state.items()}
    kinds = {
        "lacks": sorted(expected.keys() - found.keys()),
        "has the unknown": sorted(found.keys() - expected.keys()),
        "has in another shape": sorted(k for k in expected.keys() & found.keys() if expected[k] != found[k]),
        "has, but not as real numbers,": sorted(k for k, value in state.items() if not value.is_floating_point()),
    }
    wrong = [
        f"{kind} {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")
        for kind, names in kinds.items()
        if names
    ]
    if not wrong:
        return
    others = [name for name, other in CONFIGS.items() if layout(other) == found]
    remedy = f"they are those of {' or '.join(others)}" if others else "give the file that belongs to the model"
    raise UserError(f"{path} does not hold the weights of this model: it {', '.join(wrong)}; {remedy}")


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise UserError(f"{path} is not a readable safetensors file ({error}); copy or convert it again") from error


def _read_official(path: Path) -> dict[str, Tensor]:
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # a damaged stream of pickle opcodes can fail in any way
        kind = type(error).__name__
        raise UserError(f"{path} is not a readable checkpoint of tensors ({kind}); download it again") from error
    if not isinstance(state, dict) or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in state.items()):
        raise UserError(f"{path} holds something else than a model's weights; download the official file again")
    return state


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pins_path() -> Path:
    """Where the hashes are noted: t2a/point_e.json in XDG_CACHE_HOME, or in ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "t2a" / "point_e.json"


def pins() -> dict[str, str]:
    """Published name -> SHA-256 of its official file, as far as they were loaded here."""
    path = pins_path()
    if not path.exists():
        return {}
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(known, dict):
            raise ValueError("not a JSON object")
    except (OSError, ValueError) as error:
        raise UserError(f"the list of known files {path} is damaged ({error}); delete it") from error
    return known


def check_pin(name: str, digest: str, path: Path) -> None:
    known = pins().get(name, digest)
    if known != digest:
        raise UserError(
            f"{path} is not the file that {name} was first loaded from (its SHA-256 is {digest}, not {known}); "
            f"download it again or, if you trust the new one, delete the entry {name} in {pins_path()}"
        )


def pin(name: str, digest: str) -> None:
    path, known = pins_path(), pins()
    if known.get(name) == digest:
        return
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps({**known, name: digest}, indent=2) + "\n", encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        raise UserError(
            f"cannot note the SHA-256 of {name} in {path}: {error.strerror or error}; "
            "set XDG_CACHE_HOME to a folder that can be written to"
        ) from error
