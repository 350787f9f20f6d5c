"""Atomic writes: a file is either the old one or the new one, complete."""

from __future__ import annotations

import io
import json
import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL import Image

from t2a.errors import UserError


def check_writable(path: str | Path) -> Path:
    """The path, if a file can be written there, folders made where they are missing; else UserError.

    Cheap: call it before hours of work, not after them.
    """
    path = Path(path)
    if len(os.fsencode(path.name)) > 240:
        raise UserError(f"the file name {path.name[:40]}... is longer than 240 bytes; give a shorter one")
    if path.is_dir():
        raise UserError(f"{path} is a folder; give a file name, e.g. {path / 'asset.glb'}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".t2a-", dir=path.parent)
        os.close(handle)
        os.unlink(name)
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError("the file exists and is read-only")
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror or error}; choose another folder or free the place"
        ) from error
    return path


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A temporary path in the same folder that takes the name `path` when the block ends well, and vanishes when it
    does not.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".t2a-", suffix=path.suffix, dir=path.parent)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror or error}; choose another folder") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files private; give the result the rights of any new file.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror or error}; free some space or choose another folder"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: str | Path, data: bytes) -> Path:
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return Path(path)


def plain(value: object) -> object:
    """JSON types only: numpy scalars and arrays, paths and tuples become numbers, lists and strings; NaN and infinity
    become null, because strict JSON has neither."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if hasattr(value, "tolist"):  # torch tensors
        return plain(value.tolist())
    return str(value)


def write_json(path: str | Path, value: object) -> Path:
    text = json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False)
    return write_bytes(path, (text + "\n").encode("utf-8", "replace"))


def png_bytes(image: Float[np.ndarray, "h w 3"]) -> bytes:
    """sRGB PNG of an image in [0, 1], rounded to 8 bits."""
    buffer = io.BytesIO()
    # Level 6 gains little over 4 on textures and takes twice as long.
    Image.fromarray(to_uint8(image)).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def to_uint8(image: Float[np.ndarray, "*s"]) -> np.ndarray:
    return (np.nan_to_num(np.asarray(image, np.float32)).clip(0, 1) * 255 + 0.5).astype(np.uint8)


def write_png(path: str | Path, image: Float[np.ndarray, "h w 3"]) -> Path:
    return write_bytes(path, png_bytes(image))
