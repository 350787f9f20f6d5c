"""From a density field to a triangle mesh, with a threshold that the field's own pictures choose.

Four steps, each a function:

1. `visual_hull`: grid nodes that some view sees as empty are empty; only the rest of the field is sampled.
2. `sample_grid`: the density there.
3. `choose_threshold`: a pixel is inside the silhouette of {density >= tau} exactly if the largest density along its
   ray reaches tau. So one pass along the rays gives the silhouettes of EVERY tau, and sorting the rays gives the best
   one exactly, instead of trying a list of thresholds.
4. `isosurface`: marching cubes (Lewiner), then bisection of the field itself along the grid edges, because density is
   far from linear between two nodes and linear interpolation shows as terraces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy import ndimage
from skimage import measure

from t2a.cameras import generate_rays
from t2a.compiled import compiled
from t2a.errors import EmptyScene, UserError
from t2a.mesh.normals import face_normals
from t2a.mesh.raster import camera_space, run_threads, silhouettes
from t2a.types import Cameras, Mesh

Density = Callable[[Float[np.ndarray, "n 3"]], Float[np.ndarray, " n"]]

CHUNK = 1 << 17
"""Points per call of the field: bounds its memory."""
VISIBLE = 1.0 / 255.0
"""Opacity that an 8-bit image can show; what no picture shows is not geometry."""
MAX_RAYS = 1 << 18
"""Silhouettes are compared on at most this many rays; more would only cost time."""

EMPTY_HELP = (
    "train for longer, raise the initial blob (--blob-scale) or lower the sparsity weight; "
    "the preview images show whether anything has formed"
)


@dataclass(frozen=True)
class Extraction:
    mesh: Mesh
    threshold: float
    """Density of the extracted surface."""
    iou: float
    """Soft intersection over union of the mesh's and the field's silhouettes, in [0, 1]."""


def extract_mesh(
    density: Density,
    opacity: Float[np.ndarray, "b h w"],
    cameras: Cameras,
    resolution: int = 128,
    threshold: float | None = None,
) -> Extraction:
    """Mesh of the density field inside [-1, 1]^3, closed where it touches the border.

    `opacity`, in [0, 1], is what the field's renders show to `cameras`; at least 4 views, better 8 and more.
    `threshold`, a density > 0, overrules the automatic choice. Raises UserError if the field is empty or not finite.
    """
    if not 16 <= resolution <= 512:
        raise UserError(f"resolution is {resolution}; it must lie between 16 and 512 (128 suits most objects)")
    opacity = check_opacity(opacity, cameras)
    hull = visual_hull(opacity, cameras, resolution)
    grid = sample_grid(density, hull)
    if not grid.max() > 0:
        raise EmptyScene(f"the scene is empty: its density is 0 wherever the renders show something; {EMPTY_HELP}")
    if threshold is None:
        threshold = choose_threshold(grid, opacity, cameras)
    elif not 0 < threshold < grid.max():
        raise UserError(f"threshold is {threshold}; it must lie between 0 and the largest density, {grid.max():.4g}")
    mesh = isosurface(density, grid, threshold)
    height, width = opacity.shape[1:]
    return Extraction(mesh, float(threshold), soft_iou(opacity, silhouettes(mesh, cameras, height, width)))


AROUND = np.array([[0, 0, 0]] * 2 + [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], np.float32)
"""Where a softened density looks, in units of its reach; the middle counts twice."""
NOTHING = 1e-4
"""Density per scene unit that no picture can show."""


def coarse_mesh(
    density: Density, color: Callable[[Float[np.ndarray, "n 3"]], Float[np.ndarray, "n 3"]], resolution: int
) -> Mesh | None:
    """A quick look at a field: the surface inside of which a cell is more than half opaque, with the field's colours at
    its vertices; None where there is none yet."""
    grid = sample_grid(density, np.ones((resolution,) * 3, bool))
    axis = grid_axis(resolution)
    step = float(axis[1] - axis[0])
    threshold = float(np.log(2)) / step
    # A border of nothing closes what reaches the edge; far above the threshold densities say nothing but "inside".
    padded = np.pad(grid.clip(0, 10 * threshold), 1)
    if not padded.max() > threshold:
        return None
    found, faces, _, _ = measure.marching_cubes(padded, threshold, gradient_direction="ascent")
    vertices = (axis[0] + (found - 1) * step).astype(np.float32)
    return Mesh(vertices, faces.astype(np.int32), colors=color(vertices).clip(0, 1).astype(np.float32))


def softened(density: Density, reach: float) -> Density:
    """The geometric mean of the density at a point and at six around it, `reach` scene units away.

    Fitted to pictures that disagree a little, a field has flakes as thin as its own cells: surfaces of the mean have
    none, their silhouettes agree as well with the field's, and their charts are fewer. Outside of the domain there is
    nothing.
    """

    def mean(points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, " n"]:
        around = (np.asarray(points, np.float32) + reach * AROUND[:, None]).reshape(-1, 3)
        values = finite_density(density(around), len(around)) * (np.abs(around) < 1).all(1)
        return np.exp(np.log(np.maximum(values, NOTHING)).reshape(len(AROUND), -1).mean(0))

    return mean


def check_opacity(opacity: Float[np.ndarray, "b h w"], cameras: Cameras) -> Float[np.ndarray, "b h w"]:
    opacity = np.asarray(opacity, dtype=np.float32)
    if opacity.ndim != 3 or len(opacity) != len(cameras):
        raise UserError(
            f"opacity has shape {opacity.shape}; expected [{len(cameras)}, height, width], one image per camera"
        )
    if not np.isfinite(opacity).all():
        raise UserError("opacity holds NaN or infinity: the scene has diverged; go back to an earlier checkpoint")
    if opacity.max(initial=0.0) < 0.5:
        raise EmptyScene(
            f"the scene is empty: the renders' opacity never exceeds {opacity.max(initial=0.0):.2f} (0.5 is needed); "
            f"{EMPTY_HELP}"
        )
    return opacity.clip(0, 1)


def grid_axis(resolution: int) -> Float[np.ndarray, " r"]:
    """Nodes are the centres of `resolution` cells, so that the border of the domain lies half a cell beyond the last
    node.
    """
    return ((np.arange(resolution) + 0.5) / resolution * 2 - 1).astype(np.float32)


def visual_hull(opacity: Float[np.ndarray, "b h w"], cameras: Cameras, resolution: int) -> Bool[np.ndarray, "r r r"]:
    """Grid nodes that every view which contains them sees as (nearly) occupied, one cell and one pixel of margin
    included.

    Whole blocks of about 4^3 nodes are carved first, which is what makes it cheap.
    """
    coarse = max(8, resolution // 4)
    half = np.sqrt(3) / resolution
    centres = np.stack(np.meshgrid(*[grid_axis(coarse)] * 3, indexing="ij"), -1).reshape(-1, 3)
    blocks = carve(centres, opacity, cameras, half + np.sqrt(3) / coarse).reshape((coarse,) * 3)
    block = np.arange(resolution) * coarse // resolution  # the block that holds each node
    hull = blocks[np.ix_(block, block, block)]
    hull[hull] = carve(grid_axis(resolution)[np.argwhere(hull)], opacity, cameras, half)
    return hull


def carve(
    points: Float[np.ndarray, "n 3"], opacity: Float[np.ndarray, "b h w"], cameras: Cameras, radius: float
) -> Bool[np.ndarray, " n"]:
    """For which points no view sees emptiness in the whole disc that a ball of `radius` (scene units) can cover."""
    alive = np.arange(len(points))
    _, height, width = opacity.shape
    for i in range(len(cameras)):
        camera = cameras[i : i + 1]
        scale = height / 2 / float((camera.fov / 2).tan())  # pixels per unit at distance 1
        # The widest footprint: at the point of the cube nearest to this camera.
        nearest = max(float(camera.distance) - np.sqrt(3), 0.25)
        pixels = min(int(np.ceil(radius / nearest * scale)) + 1, max(height, width))
        seen = ndimage.maximum_filter(opacity[i], 2 * pixels + 1, mode="nearest") > VISIBLE
        p = camera_space(points[alive], camera)[0]
        z = np.maximum(-p[:, 2], 1e-6)
        # Far-off values are clipped before the conversion to integers.
        column = np.floor((p[:, 0] / z * scale).clip(-1e6, 1e6) + width / 2).astype(np.int64)
        row = np.floor((-p[:, 1] / z * scale).clip(-1e6, 1e6) + height / 2).astype(np.int64)
        outside = (p[:, 2] > -1e-6) | (row < 0) | (row >= height) | (column < 0) | (column >= width)
        alive = alive[outside | seen[row.clip(0, height - 1), column.clip(0, width - 1)]]
    kept = np.zeros(len(points), bool)
    kept[alive] = True
    return kept


def finite_density(values: Float[np.ndarray, " n"], count: int) -> Float[np.ndarray, " n"]:
    """Checked field values: a few non-finite ones are holes or saturation, many are a diverged scene."""
    values = np.asarray(values, dtype=np.float32).reshape(-1)
    if len(values) != count:
        raise UserError(f"density returned {len(values)} values for {count} points; expected one per point")
    bad = np.count_nonzero(np.isnan(values))
    if 2 * bad > count:
        raise UserError(
            f"density is NaN at {bad} of {count} points: the scene has diverged; go back to an earlier checkpoint"
        )
    return np.nan_to_num(values, nan=0.0, posinf=1e30, neginf=0.0)


def sample_grid(density: Density, hull: Bool[np.ndarray, "r r r"]) -> Float[np.ndarray, "r r r"]:
    """Density at the nodes of the hull, 0 elsewhere."""
    axis = grid_axis(len(hull))
    index = np.argwhere(hull)
    grid = np.zeros(hull.shape, np.float32)
    values = [np.asarray(density(axis[index[i : i + CHUNK]])).reshape(-1) for i in range(0, len(index), CHUNK)]
    if values:
        grid[hull] = finite_density(np.concatenate(values), len(index))
    return np.maximum(grid, 0.0)


@compiled(nogil=True)
def _max_along_rays(grid, origins, directions, step, out):
    resolution = grid.shape[0]
    half = 0.5 * resolution
    for ray in range(origins.shape[0]):
        near, far = 0.0, 1e30
        for axis in range(3):
            o, d = origins[ray, axis], directions[ray, axis]
            if abs(d) < 1e-12:
                if abs(o) > 1.0:
                    far = -1.0
                continue
            t0, t1 = (-1.0 - o) / d, (1.0 - o) / d
            near, far = max(near, min(t0, t1)), min(far, max(t0, t1))
        largest = 0.0
        t = near
        while t <= far:
            x = (origins[ray, 0] + t * directions[ray, 0] + 1.0) * half - 0.5
            y = (origins[ray, 1] + t * directions[ray, 1] + 1.0) * half - 0.5
            z = (origins[ray, 2] + t * directions[ray, 2] + 1.0) * half - 0.5
            t += step
            x = min(max(x, 0.0), resolution - 1.001)
            y = min(max(y, 0.0), resolution - 1.001)
            z = min(max(z, 0.0), resolution - 1.001)
            i, j, k = int(x), int(y), int(z)
            top = max(
                max(max(grid[i, j, k], grid[i, j, k + 1]), max(grid[i, j + 1, k], grid[i, j + 1, k + 1])),
                max(
                    max(grid[i + 1, j, k], grid[i + 1, j, k + 1]), max(grid[i + 1, j + 1, k], grid[i + 1, j + 1, k + 1])
                ),
            )
            if top <= largest:
                continue
            u, v, w = x - i, y - j, z - k
            value = (1 - u) * (
                (1 - v) * ((1 - w) * grid[i, j, k] + w * grid[i, j, k + 1])
                + v * ((1 - w) * grid[i, j + 1, k] + w * grid[i, j + 1, k + 1])
            ) + u * (
                (1 - v) * ((1 - w) * grid[i + 1, j, k] + w * grid[i + 1, j, k + 1])
                + v * ((1 - w) * grid[i + 1, j + 1, k] + w * grid[i + 1, j + 1, k + 1])
            )
            largest = max(largest, value)
        out[ray] = largest


def max_along_rays(
    grid: Float[np.ndarray, "r r r"], origins: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]
) -> Float[np.ndarray, " n"]:
    """Largest trilinearly interpolated value on each ray inside [-1, 1]^3, in steps of half a cell; 0 for rays that
    miss.
    """
    out = np.zeros(len(origins), np.float32)
    size = 1 << 13

    def job(i: int) -> None:
        rows = slice(i, i + size)
        _max_along_rays(grid, origins[rows], directions[rows], 1.0 / len(grid), out[rows])

    run_threads(job, [(i,) for i in range(0, len(origins), size)])
    return out


def choose_threshold(grid: Float[np.ndarray, "r r r"], opacity: Float[np.ndarray, "b h w"], cameras: Cameras) -> float:
    """The density whose superlevel set has the silhouettes most like `opacity`, by soft intersection over union.

    Soft, because the sum of min over the sum of max needs no threshold on the opacity either. Where a whole interval of
    densities is equally good to within one pixel per view (a crisp field), its geometric middle is taken. Scaling the
    density scales the result.
    """
    stride = int(np.ceil(np.sqrt(opacity.size / MAX_RAYS)))
    _, height, width = opacity.shape
    rays = generate_rays(cameras, height, width)
    rows, columns = np.arange(stride // 2, height, stride), np.arange(stride // 2, width, stride)
    pick = (np.arange(len(cameras))[:, None, None] * height + rows[:, None]) * width + columns
    pick = pick.reshape(-1)
    origins = rays.origins.detach().cpu().numpy()[pick].astype(np.float64)
    directions = rays.directions.detach().cpu().numpy()[pick].astype(np.float64)
    largest = max_along_rays(grid, origins, directions).astype(np.float64)
    target = opacity.reshape(-1)[pick].astype(np.float64)
    # The n rays with the largest values form the silhouette of the n-th largest value.
    order = np.argsort(-largest, kind="stable")
    value, shown = largest[order], target[order]
    shared = np.cumsum(shown)
    union = np.arange(1, len(shown) + 1) + (target.sum() - shared)
    iou = shared / union
    possible = value > 0
    possible[:-1] &= value[:-1] > value[1:]  # equal values enter together
    if not possible.any():
        raise EmptyScene(f"the scene is empty: no ray of the renders meets any density; {EMPTY_HELP}")
    iou[~possible] = -1
    best = int(iou.argmax())
    good = np.flatnonzero(iou >= iou[best] - len(cameras) / union[best])
    # Only the run of thresholds around the best one: a second optimum elsewhere is another shape.
    candidates = np.flatnonzero(possible)
    position = np.searchsorted(candidates, best)
    is_good = np.isin(candidates, good)
    first = position
    while first > 0 and is_good[first - 1]:
        first -= 1
    last = position
    while last + 1 < len(candidates) and is_good[last + 1]:
        last += 1
    upper = value[candidates[first]]
    # A silhouette stays the same down to the next smaller value.
    following = value[candidates[last] + 1 :]
    lower = following[0] if len(following) and following[0] > 0 else value[candidates[last]]
    return float(np.sqrt(upper) * np.sqrt(lower))


def isosurface(density: Density, grid: Float[np.ndarray, "r r r"], threshold: float, bisections: int = 4) -> Mesh:
    """Closed surface of {density >= threshold}, wound counter-clockwise seen from outside (scene units)."""
    resolution = len(grid)
    # Only the part that holds the surface; one empty node all around closes it at the border of the domain.
    inside = ndimage.find_objects((grid >= threshold).astype(np.int8))
    if not inside:
        raise EmptyScene(f"the scene is empty: no density reaches the threshold {threshold:.4g}; {EMPTY_HELP}")
    low = np.array([max(s.start - 1, 0) for s in inside[0]])
    high = np.array([min(s.stop + 1, resolution) for s in inside[0]])
    block = np.pad(grid[tuple(slice(a, b) for a, b in zip(low, high, strict=True))], 1)
    vertices, faces, _, _ = measure.marching_cubes(
        block, threshold, gradient_direction="descent", allow_degenerate=False
    )
    # In units of cells; marching cubes puts each vertex on a grid edge, whole in two coordinates, save a few inside
    # cells.
    place = vertices.astype(np.float64)
    off_grid = np.abs(place - np.round(place))
    axis = off_grid.argmax(1)
    rows = np.arange(len(place))
    others = off_grid.copy()
    others[rows, axis] = 0
    rows = rows[others.max(1) == 0]
    axis = axis[rows]
    start = place[rows].round()
    start[np.arange(len(rows)), axis] = np.floor(place[rows, axis])
    end = start.copy()
    end[np.arange(len(rows)), axis] += 1

    def world(p: np.ndarray) -> np.ndarray:
        return (p - 1 + low + 0.5) / resolution * 2 - 1

    def value(p: np.ndarray) -> np.ndarray:
        points = world(p).astype(np.float32)
        inside = np.flatnonzero((np.abs(points) < 1).all(1))  # outside of the domain there is nothing
        out = np.zeros(len(p), np.float32)
        for i in range(0, len(inside), CHUNK):
            part = inside[i : i + CHUNK]
            out[part] = np.nan_to_num(np.asarray(density(points[part]), np.float32).reshape(-1), nan=0.0, posinf=1e30)
        return out.astype(np.float64) - threshold

    def at(p: np.ndarray) -> np.ndarray:
        i = p.astype(np.int64)
        return block[i[:, 0], i[:, 1], i[:, 2]].astype(np.float64) - threshold

    value_start, value_end = at(start), at(np.minimum(end, np.array(block.shape) - 1))
    proper = (value_start >= 0) != (value_end >= 0)
    rows, start, end, value_start, value_end = (x[proper] for x in (rows, start, end, value_start, value_end))
    for _ in range(bisections):
        middle = (start + end) / 2
        value_middle = value(middle)
        same = (value_middle >= 0) == (value_start >= 0)
        start, value_start = np.where(same[:, None], middle, start), np.where(same, value_middle, value_start)
        end, value_end = np.where(same[:, None], end, middle), np.where(same, value_end, value_middle)
    share = value_start / np.where(value_start == value_end, 1, value_start - value_end)
    if len(rows):
        place[rows] = start + share.clip(0.02, 0.98)[:, None] * (end - start)
    points = world(place).clip(-1, 1).astype(np.float32)
    mesh = Mesh(points, faces.astype(np.int32))
    if signed_volume(mesh) < 0:
        mesh = mesh.with_(faces=np.ascontiguousarray(mesh.faces[:, ::-1]))
    return mesh


def signed_volume(mesh: Mesh) -> float:
    """Cubic scene units; positive if a closed mesh is wound counter-clockwise seen from outside."""
    return float(np.einsum("fi,fi->", mesh.vertices[mesh.faces[:, 0]].astype(np.float64), face_normals(mesh)) / 6)


def soft_iou(a: Float[np.ndarray, "*s"], b: Float[np.ndarray, "*s"]) -> float:
    """Sum of minima over sum of maxima; 1 if both are 0 everywhere."""
    union = float(np.maximum(a, b).sum())
    return float(np.minimum(a, b).sum()) / union if union > 0 else 1.0
