"""Pictures of a textured mesh, to look at and to measure."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from t2a.cameras import camera_to_world, turntable
from t2a.compiled import compiled
from t2a.mesh.normals import face_normals, vertex_normals
from t2a.mesh.raster import rasterize, run_threads
from t2a.types import Cameras, Material, Mesh

NEUTRAL = 0.85
"""Background of contact sheets: light grey, on which both white and black objects show."""


@compiled(nogil=True)
def _texture_rows(face, barycentric, faces, uvs, texture, out):
    height, width = texture.shape[0], texture.shape[1]
    for row in range(face.shape[0]):
        for column in range(face.shape[1]):
            f = face[row, column]
            if f < 0:
                continue
            u, v = 0.0, 0.0
            for i in range(3):
                u += barycentric[row, column, i] * uvs[faces[f, i], 0]
                v += barycentric[row, column, i] * uvs[faces[f, i], 1]
            x = min(max(u * width - 0.5, 0.0), width - 1.0)
            y = min(max(v * height - 0.5, 0.0), height - 1.0)
            x0, y0 = int(x), int(y)
            x1, y1 = min(x0 + 1, width - 1), min(y0 + 1, height - 1)
            a, b = x - x0, y - y0
            for c in range(3):
                top = (1 - a) * texture[y0, x0, c] + a * texture[y0, x1, c]
                bottom = (1 - a) * texture[y1, x0, c] + a * texture[y1, x1, c]
                out[row, column, c] = (1 - b) * top + b * bottom


def sample_texture(texture: Float[np.ndarray, "h w 3"], uvs: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n 3"]:
    """Bilinear, clamped to the edge; texel (row, column) has its centre at ((column + 1/2) / w, (row + 1/2) / h).

    Numpy twin.
    """
    height, width = texture.shape[:2]
    x = (uvs[:, 0] * width - 0.5).clip(0, width - 1)
    y = (uvs[:, 1] * height - 0.5).clip(0, height - 1)
    x0, y0 = x.astype(int), y.astype(int)
    x1, y1 = np.minimum(x0 + 1, width - 1), np.minimum(y0 + 1, height - 1)
    a, b = (x - x0)[:, None], (y - y0)[:, None]
    top = (1 - a) * texture[y0, x0] + a * texture[y0, x1]
    return (1 - b) * top + b * ((1 - a) * texture[y1, x0] + a * texture[y1, x1])


def render_mesh(
    mesh: Mesh,
    material: Material,
    cameras: Cameras,
    height: int,
    width: int,
    supersample: int = 2,
    background: float | tuple[float, float, float] = 1.0,
    shading: float = 0.0,
) -> tuple[Float[np.ndarray, "b h w 3"], Float[np.ndarray, "b h w"]]:
    """sRGB images over `background` and their opacity, both in [0, 1], from supersample^2 samples per pixel.

    Colour comes from the texture, else from vertex colours, else light grey. `shading` in [0, 1] mixes in a soft light
    from above the camera's left shoulder; 0 shows the bare base colour, as the field's own renders do. Averages are
    taken in sRGB for the same reason.
    """
    back = np.broadcast_to(np.asarray(background, np.float32), (3,))
    count, s = len(cameras), supersample
    images = np.empty((count, height, width, 3), np.float32)
    opacities = np.empty((count, height, width), np.float32)
    faces = np.ascontiguousarray(mesh.faces, np.int32)
    texture = None
    if material.base_color is not None and mesh.uvs is not None:
        texture = np.ascontiguousarray(material.base_color, np.float32)
        uvs = np.ascontiguousarray(mesh.uvs, np.float32)
    colors = mesh.colors if mesh.colors is not None else np.full((len(mesh.vertices), 3), 0.75, np.float32)
    if shading:
        normals = mesh.normals if mesh.normals is not None else vertex_normals(mesh)
        flat = face_normals(mesh)
    pose = camera_to_world(cameras).detach().cpu().numpy()
    for i in range(count):  # one view at a time: memory stays that of one supersampled image
        raster = rasterize(mesh, cameras[i : i + 1], height * s, width * s)
        face, barycentric = raster.face[0], raster.barycentric[0]
        seen = face >= 0
        image = np.empty((height * s, width * s, 3), np.float32)
        image[:] = back
        corners = faces[face[seen]]
        if texture is not None:
            rows = 64

            def job(row: int, face=face, barycentric=barycentric, image=image) -> None:
                part = slice(row, row + rows)  # noqa: B023
                _texture_rows(face[part], barycentric[part], faces, uvs, texture, image[part])

            run_threads(job, [(row,) for row in range(0, height * s, rows)])
        else:
            image[seen] = np.einsum("nk,nkc->nc", barycentric[seen], colors[corners])
        if shading:
            normal = np.einsum("nk,nkc->nc", barycentric[seen], normals[corners])
            normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
            view = pose[i, :, 3]
            # Triangles seen from behind (open surfaces) are lit on the side that is seen.
            point = np.einsum("nk,nkc->nc", barycentric[seen], mesh.vertices[corners])
            away = np.einsum("nc,nc->n", flat[face[seen]], view - point) < 0
            normal[away] *= -1
            light = pose[i, :, :3] @ np.array([-0.45, 0.6, 0.66])
            diffuse = 0.5 + 0.5 * (normal @ (light / np.linalg.norm(light)))  # half Lambert: no black side
            image[seen] *= 1 - shading * (1 - (0.45 + 0.6 * diffuse[:, None]))
        opacities[i] = seen.reshape(height, s, width, s).mean((1, 3), dtype=np.float32)
        images[i] = image.reshape(height, s, width, s, 3).mean((1, 3))
    return images.clip(0, 1), opacities


def contact_sheet(
    mesh: Mesh, material: Material, size: int = 256, views: int = 8, columns: int = 4, supersample: int = 2
) -> Float[np.ndarray, "h w 3"]:
    """Turntable of the object as one image in [0, 1]: `views` pictures of size x size, the front first, elevation 15
    degrees.

    The object is centred and fills the pictures whatever its own size.
    """
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    centred = mesh.vertices - (low + high) / 2
    radius = max(float(np.linalg.norm(centred, axis=1).max()), 1e-12)
    # A ball of radius 1 fits a 40 degree view from 1 / sin(20 degrees) = 2.92.
    shown = mesh.with_(vertices=(centred / radius).astype(np.float32))
    cameras = turntable(views, elevation_deg=15.0, distance=2.95, fov_deg=40.0)
    images, _ = render_mesh(shown, material, cameras, size, size, supersample, NEUTRAL, shading=1.0)
    rows = -(-views // columns)
    sheet = np.full((rows * columns, size, size, 3), NEUTRAL, np.float32)
    sheet[:views] = images
    return sheet.reshape(rows, columns, size, size, 3).transpose(0, 2, 1, 3, 4).reshape(rows * size, columns * size, 3)


def psnr(a: Float[np.ndarray, "*s"], b: Float[np.ndarray, "*s"]) -> float:
    """Peak signal-to-noise ratio in dB of images in [0, 1]: -10 log10 of the mean squared difference; infinite if
    equal.
    """
    error = float(np.mean((np.asarray(a, np.float64) - np.asarray(b, np.float64)) ** 2))
    return float("inf") if error == 0 else -10 * float(np.log10(error))
