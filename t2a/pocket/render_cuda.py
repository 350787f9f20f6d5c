"""The sphere tracer on a GPU: the functions of t2a.pocket.render, a thread for each pixel, many scenes in one launch.

Needs numba-cuda, which numba's own kernels run on an NVIDIA GPU by. A training draws its pictures so: making scenes
takes a core a millisecond, drawing them there fifty.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from t2a.cameras import camera_to_world
from t2a.errors import UserError
from t2a.pocket.render import extent, is_edge, lights, middle_ray, several_rays
from t2a.types import Cameras

MOST_PARTS = 512
"""Primitives of a scene; each thread has room for the numbers of those that its ray may meet."""
THREADS = 128
"""In a block."""


@dataclass(frozen=True)
class Pictures:
    """As t2a.pocket.render.Views, on the GPU."""

    rgb: Float[Tensor, "b h w 3"]
    opacity: Float[Tensor, "b h w"]
    depth: Float[Tensor, "b h w"]
    normal: Float[Tensor, "b h w 3"]
    label: Int[Tensor, "b h w"]


def available() -> bool:
    """Whether numba finds a GPU that it can compile for."""
    try:
        from numba import cuda
    except ImportError:
        return False
    return torch.cuda.is_available() and cuda.is_available()


@functools.cache
def kernels() -> tuple[Any, Any, Any]:
    """The middle ray of every pixel; which pixels are edges; those again, by several rays."""
    from numba import cuda as _cuda
    from numba import int32

    cuda: Any = _cuda  # whose types do not know kernels

    @cuda.jit(fastmath=True)
    def middle(
        tables, first, of, margins, radii, poses, lamps, across, backgrounds, rows, rgb, opacity, depth, normal, label
    ):
        pixel, size = cuda.grid(1), rows.shape[1]
        view = pixel // (size * size)
        if view < rows.shape[0]:
            active = cuda.local.array(MOST_PARTS, int32)
            row, column, scene = pixel // size % size, pixel % size, of[view]
            middle_ray(
                tables[first[scene] : first[scene + 1]], active, margins[scene], radii[scene], poses[view], lamps[view],
                across[view], backgrounds[view], row, column,
                rows[view], rgb[view], opacity[view], depth[view], normal[view], label[view],
            )  # fmt: skip

    @cuda.jit(fastmath=True)
    def look(rows, rgb, edges):
        pixel, size = cuda.grid(1), rows.shape[1]
        view = pixel // (size * size)
        if view < rows.shape[0]:
            row, column = pixel // size % size, pixel % size
            edges[view, row, column] = is_edge(rows[view], rgb[view], row, column)

    @cuda.jit(fastmath=True)
    def again(
        tables,
        first,
        of,
        margins,
        radii,
        poses,
        lamps,
        across,
        backgrounds,
        samples,
        edges,
        rgb,
        opacity,
        depth,
        normal,
        label,
    ):
        number, size = cuda.grid(1), opacity.shape[1]
        if number < edges.shape[0]:
            active = cuda.local.array(MOST_PARTS, int32)
            pixel = edges[number]
            view = pixel // (size * size)
            row, column, scene = pixel // size % size, pixel % size, of[view]
            several_rays(
                tables[first[scene] : first[scene + 1]], active, margins[scene], radii[scene], poses[view], lamps[view],
                across[view], backgrounds[view], row, column, samples,
                rgb[view], opacity[view], depth[view], normal[view], label[view],
            )  # fmt: skip

    return middle, look, again


@torch.no_grad()
def render_scenes(
    tables: Sequence[Float[np.ndarray, "p c"]],
    cameras: Cameras,
    size: int,
    samples: int,
    backgrounds: Float[np.ndarray, "b 3"],
    device: torch.device,
) -> Pictures:
    """Every scene from its share of the cameras: the first b / n are those of the first table. Raises UserError where a
    scene has more than MOST_PARTS primitives."""
    if max(map(len, tables)) > MOST_PARTS:
        raise UserError(f"a scene has {max(map(len, tables))} primitives; the GPU's tracer takes {MOST_PARTS}")
    views, count = len(cameras), len(tables)
    poses = camera_to_world(cameras).numpy().astype(np.float32)
    extents = np.array([extent(table) for table in tables], np.float32)
    shape = (views, size, size)

    def there(values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(device)

    scenes = (
        there(np.concatenate(tables)),
        there(np.cumsum([0, *map(len, tables)]).astype(np.int32)),
        there(np.repeat(np.arange(count, dtype=np.int32), views // count)),
        there(extents[:, 0]),
        there(extents[:, 1]),
        there(poses),
        there(lights(poses).astype(np.float32)),
        there((2 * (cameras.fov / 2).tan() / size).numpy().astype(np.float32)),
        there(backgrounds.astype(np.float32)),
    )
    drawn = Pictures(
        torch.empty(*shape, 3, device=device),
        torch.empty(shape, device=device),
        torch.empty(shape, device=device),
        torch.empty(*shape, 3, device=device),
        torch.empty(shape, dtype=torch.int32, device=device),
    )
    rows = torch.empty(shape, dtype=torch.int32, device=device)
    middle, look, again = kernels()
    layers = tuple(vars(drawn).values())

    def launch(kernel: Any, threads: int, *arguments: Any) -> None:
        if threads:
            kernel[-(-threads // THREADS), THREADS, _stream()](*arguments)

    launch(middle, rows.numel(), *scenes, rows, *layers)
    if samples > 1:
        edges = torch.empty(shape, dtype=torch.bool, device=device)
        launch(look, rows.numel(), rows, drawn.rgb, edges)
        pixels = edges.flatten().nonzero()[:, 0]
        launch(again, len(pixels), *scenes, samples, pixels, *layers)
    return drawn


def _stream() -> Any:
    """torch's, so that its kernels and these wait for one another."""
    from numba import cuda

    return cuda.external_stream(torch.cuda.current_stream().cuda_stream)
