"""Loading models: folders and hub ids in diffusers' format, safetensors only, offline when asked."""

from __future__ import annotations

import importlib
import json
import logging
import re
import warnings
from pathlib import Path

import torch

from t2a.errors import UserError
from t2a.priors.camera_encoder import FOLDER as CAMERA_ENCODER

NEEDED = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")
HUB_ID = re.compile(r"^[A-Za-z0-9][\w.-]*/[\w.-]+$")


def quiet(*libraries: str) -> None:
    """Silence the notices of diffusers and transformers, or of the one that is named, which tell a user nothing
    (missing torchvision, no safety checker), and their bars for loading, which stand between our own."""
    for name in libraries or ("diffusers", "transformers"):
        importlib.import_module(f"{name}.utils.logging").disable_progress_bar()
    for name in ("diffusers", "transformers", "huggingface_hub", "accelerate"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"(diffusers|transformers|huggingface_hub)\b")


def check_folder(folder: Path) -> None:
    """Raise UserError unless `folder` holds a complete latent diffusion pipeline whose weights can be read."""
    index = folder / "model_index.json"
    if not index.is_file():
        raise UserError(
            f"{folder} is not a model folder: it has no model_index.json; "
            "give a folder saved by diffusers (save_pretrained) or a hub id such as owner/name"
        )
    try:
        parts = json.loads(index.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UserError(f"{index} is damaged ({error}); copy or download the model again") from error
    missing = [part for part in NEEDED if part not in parts or not (folder / part).is_dir()]
    if missing:
        raise UserError(
            f"{folder} lacks {', '.join(missing)}; t2a needs a Stable Diffusion pipeline with {', '.join(NEEDED)}"
        )
    optional = [CAMERA_ENCODER] if (folder / CAMERA_ENCODER).exists() else []
    for part in ("unet", "vae", "text_encoder", *optional):
        files = sorted((folder / part).glob("*.safetensors"))
        if not files:
            raise UserError(
                f"{folder / part} has no .safetensors file; "
                "t2a never unpickles weights: convert them with diffusers (save_pretrained) first"
            )
        for file in files:
            _check_weights(file)


def _check_weights(file: Path) -> None:
    """Compare the file's size with what its own header promises: catches cut-off and overwritten files before
    anything loads."""
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if not 2 <= length <= 100_000_000:
                raise ValueError("no header")
            header = json.loads(stream.read(length))
            end = max((entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"), default=0)
        size = file.stat().st_size
        if size != 8 + length + end:
            raise ValueError(f"{size} bytes instead of {8 + length + end}")
    except (ValueError, KeyError, TypeError, AttributeError, MemoryError) as error:
        raise UserError(
            f"{file} is not a readable safetensors file ({error}); copy or download the model again"
        ) from error


def check_source(model: str | Path) -> None:
    """Raise UserError unless `model` is a sound folder or could be a hub id; nothing is loaded or downloaded."""
    if Path(model).is_dir():
        check_folder(Path(model))
    elif not HUB_ID.match(str(model)):
        raise UserError(f"there is no model folder {model}; give an existing folder, or a hub id such as owner/name")


def hub_remedy(offline: bool) -> str:
    """What to do about a model of the hub that cannot be loaded."""
    return (
        "it is not on this machine and --offline forbids downloading it"
        if offline
        else "check the name and the network"
    )


def load_pipeline(model: str | Path, *, offline: bool = False, dtype: torch.dtype = torch.float32):
    """(diffusers pipeline, its folder or None for hub ids). Raises UserError saying what is wrong with `model`."""
    check_source(model)
    folder = Path(model)
    if folder.is_dir():
        return _from_pretrained(folder, dtype, local=True), folder
    return _from_pretrained(str(model), dtype, local=offline), None


def _from_pretrained(source: str | Path, dtype: torch.dtype, local: bool):
    quiet()  # before the import, which already tells of missing torchvision
    from diffusers import StableDiffusionPipeline

    try:
        return StableDiffusionPipeline.from_pretrained(
            source,
            dtype=dtype,
            local_files_only=local,
            use_safetensors=True,
            safety_checker=None,
            requires_safety_checker=False,
            feature_extractor=None,
            low_cpu_mem_usage=False,
        )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        if isinstance(source, Path):
            raise UserError(f"the model in {source} cannot be loaded: {first}") from error
        raise UserError(f"the model {source} cannot be loaded: {hub_remedy(local)} ({first})") from error
