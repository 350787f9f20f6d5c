"""The radiance-field scene: what the distillation loop sees of everything in this folder."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from t2a.cameras import generate_rays
from t2a.config import SceneConfig
from t2a.errors import UserError
from t2a.scene._numba import Backend
from t2a.scene.background import Background, LearnedBackground, RandomSolid, configured_background
from t2a.scene.field import Field
from t2a.scene.hash_grid import HashGrid
from t2a.scene.initialisation import Blob, Initialisation
from t2a.scene.occupancy import OccupancyGrid
from t2a.scene.renderer import RayRender, render_rays
from t2a.scene.shading import Shading, check_shading, sample_lights, shade, studio_lights
from t2a.types import Cameras, Rays, Render

CHUNK_RAYS = 1 << 16
CHUNK_POINTS = 1 << 17


class NeRFScene(nn.Module):
    """Hash grid, decoder, occupancy grid and background, in the cube [-1, 1]^3. `state_dict` restores it exactly."""

    def __init__(
        self,
        config: SceneConfig | None = None,
        *,
        seed: int = 0,
        initialisation: Initialisation | None = None,
        background: Background | None = None,
        backend: Backend = "auto",
    ):
        """`seed` decides the initial weights; `initialisation` the initial density (default: the blob)."""
        super().__init__()
        self.config = c = SceneConfig() if config is None else config
        self.backend = backend
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            grid = HashGrid(
                c.levels, c.features, c.base_resolution, c.finest_resolution, c.log2_table_size, backend=backend
            )
            self.field = Field(
                grid,
                channels=c.channels,
                latent=c.latent,
                hidden=c.hidden,
                layers=c.layers,
                activation=c.activation,
                initialisation=Blob(c.blob_scale, c.blob_radius) if initialisation is None else initialisation,
            )
            self.occupancy = OccupancyGrid(c.occupancy_resolution, threshold=c.occupancy_threshold)
            self.background: Background = configured_background(c) if background is None else background
        if c.start_levels is not None:
            grid.active = min(max(c.start_levels, 1), c.levels)

    @property
    def latent(self) -> bool:
        return self.config.latent

    def take_colors(self, matrix: Float[Tensor, "c1 3"]) -> None:
        """A latent scene holds colours from now on, by the affine map `matrix` of its latents (the last row is the
        constant): Latent-NeRF's RGB refinement (Metzer et al. 2022, section 3.3). What it shows is the map of what it
        showed, but for random backgrounds, which become random colours."""
        self.field.take_colors(matrix)
        if isinstance(self.background, LearnedBackground):
            self.background.take_colors(matrix)
        else:
            self.background = RandomSolid(matrix.shape[1])
        self.config = replace(self.config, latent=False, channels=matrix.shape[1])

    def render(
        self,
        cameras: Cameras,
        height: int,
        width: int,
        *,
        shading: Shading = "albedo",
        generator: torch.Generator | None = None,
        background: Background | Tensor | None = None,
        normals: bool = False,
        steps: int | None = None,
        light: Float[Tensor, "b 3"] | None = None,
    ) -> Render:
        """Differentiable views [b, height, width].

        `generator` jitters the samples and draws lights and random backgrounds; without one the render is the
        deterministic preview (samples mid-step, light at the camera). `background`: the scene's own, another one, or
        colours that broadcast to [b, h, w, c]. `normals` are in the Render, with the orientation term, for every
        shading but "albedo", or on request. Without gradients, large views are rendered in chunks.
        """
        check_shading(shading)
        if self.config.latent and shading not in ("albedo", "normal"):
            raise UserError(f"a latent scene has no light: shading is {shading!r}; use albedo")
        need_normals = normals or shading != "albedo"
        rays = generate_rays(cameras, height, width)
        out = self.trace(rays, normals=need_normals, generator=generator, steps=steps)
        shape = (len(cameras), height, width)
        color, opacity = out.color.reshape(*shape, -1), out.opacity.reshape(*shape, 1)
        depth = out.depth.reshape(*shape, 1)
        normal = None if out.normal is None else out.normal.reshape(*shape, 3)
        directions = rays.directions.reshape(*shape, 3)

        if shading in ("lambertian", "textureless"):
            if light is None:
                light = studio_lights(cameras) if self.config.light == "studio" else sample_lights(cameras, generator)
            hit = rays.origins.reshape(*shape, 3) + depth.detach() * directions
            color = shade(
                shading,
                color,
                opacity,
                normal,
                light[:, None, None] - hit,
                ambient=self.config.ambient,
                diffuse=self.config.diffuse,
            )
        else:
            color = shade(shading, color, opacity, normal)
        if background is None:
            background = self.background
        behind = background if isinstance(background, Tensor) else background(directions, generator)

        stats = {
            "samples": torch.tensor(float(out.samples)),
            "looked_at": torch.tensor(float(out.looked_at)),
            "distortion": out.distortion.mean() / (2 * 3**0.5),
        }
        if normal is not None:
            # DreamFusion, after Ref-NeRF equation 11: visible normals face the camera.
            away = (normal * directions).sum(-1, keepdim=True).clamp(min=0)
            stats["orientation"] = (opacity.detach() * away.square()).mean()
        return Render(color + (1 - opacity) * behind, opacity, depth, normal, stats)

    def trace(
        self,
        rays: Rays,
        *,
        normals: bool = False,
        generator: torch.Generator | None = None,
        steps: int | None = None,
    ) -> RayRender:
        """What flat rays meet, of whatever cameras, as `render` shows it; without a background."""

        def some(part: Rays) -> RayRender:
            return render_rays(
                self.field,
                self.occupancy,
                part,
                steps=steps or self.config.samples,
                normals=normals,
                generator=generator,
                stop=self.config.stop,
                backend=self.backend,
            )

        if torch.is_grad_enabled() or len(rays.origins) <= CHUNK_RAYS:
            return some(rays)
        pairs = zip(rays.origins.split(CHUNK_RAYS), rays.directions.split(CHUNK_RAYS), strict=True)
        parts = [some(Rays(origins, directions)) for origins, directions in pairs]
        return RayRender(
            color=torch.cat([p.color for p in parts]),
            opacity=torch.cat([p.opacity for p in parts]),
            depth=torch.cat([p.depth for p in parts]),
            normal=torch.cat([p.normal for p in parts if p.normal is not None]) if normals else None,
            distortion=torch.cat([p.distortion for p in parts]),
            samples=sum(p.samples for p in parts),
            looked_at=sum(p.looked_at for p in parts),
        )

    def parameter_groups(self) -> list[dict[str, Any]]:
        """For torch optimisers: name, params, lr. threestudio uses Adam with betas (0.9, 0.99) and eps 1e-15."""
        c = self.config
        groups: list[dict[str, Any]] = [
            {"name": "grid", "params": list(self.field.grid.parameters()), "lr": c.lr_grid},
            {"name": "decoder", "params": list(self.field.decoder.parameters()), "lr": c.lr_decoder},
        ]
        if isinstance(self.background, nn.Module) and list(self.background.parameters()):
            groups.append({"name": "background", "params": list(self.background.parameters()), "lr": c.lr_background})
        return groups

    def update(self, step: int, generator: torch.Generator | None = None) -> None:
        """Call before every optimisation step: opens grid levels, refreshes the occupancy grid when its turn comes."""
        c = self.config
        if c.start_levels is not None:
            self.field.grid.active = min(
                max(c.start_levels + max(step - c.levels_from, 0) // c.levels_every, 1), c.levels
            )
        if step % c.refresh_every == 0:
            self.occupancy.refresh(self.field.density, generator)

    def regularisers(
        self,
        render: Render,
        generator: torch.Generator | None = None,
        *,
        names: Collection[str] | None = None,
        points: int = 4096,
    ) -> dict[str, Tensor]:
        """Differentiable scalars, unweighted; `names` restricts what is computed.

        sparsity     mean sqrt(opacity^2 + 0.01)                                      (threestudio)
        entropy      mean binary entropy of the opacity, nats: 0 when every pixel is in or out
        distortion   mean ray distortion (mip-NeRF 360) over the cube's diagonal
        orientation  mean opacity * max(0, n . d)^2, if the render has normals        (DreamFusion)
        density_smoothness, color_smoothness
                     mean |f(x + e) - f(x)| for x in occupied cells, e one finest cell in a random direction; of the
                     opacity of one render step, and of the colour. A total variation at random points; needs the
                     generator.
        """

        def wanted(name: str) -> bool:
            return names is None or name in names

        terms: dict[str, Tensor] = {}
        if wanted("sparsity"):
            terms["sparsity"] = (render.opacity.square() + 0.01).sqrt().mean()
        if wanted("entropy"):
            p = render.opacity.clamp(1e-3, 1 - 1e-3)
            terms["entropy"] = -(p * p.log() + (1 - p) * (1 - p).log()).mean()
        for name in ("distortion", "orientation"):
            if wanted(name) and name in render.stats:
                terms[name] = render.stats[name]
        smooth = [name for name in ("density_smoothness", "color_smoothness") if wanted(name)]
        if smooth and generator is not None:
            density, color = self._roughness(points, generator)
            both = {"density_smoothness": density, "color_smoothness": color}
            terms.update({name: both[name] for name in smooth})
        return terms

    def _roughness(self, points: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        grid = self.occupancy
        device = grid.occupied.device

        def draw(*shape: int) -> Tensor:
            return torch.rand(shape, generator=generator, device=generator.device).to(device)

        cells = grid.occupied.nonzero()
        if len(cells) == 0:
            zero = self.field.grid.table.sum() * 0
            return zero, zero
        chosen = cells[(draw(points) * len(cells)).long().clamp(max=len(cells) - 1)]
        x = (chosen + draw(points, 3)) * (2 / grid.resolution) - 1
        direction = nn.functional.normalize(draw(points, 3) - 0.5, dim=-1)
        density, color = self.field(torch.cat([x, x + 2 * self.field.grid.cell * direction]))
        alpha = -torch.expm1(-density * (2 * 3**0.5 / self.config.samples))
        return (alpha[points:] - alpha[:points]).abs().mean(), (color[points:] - color[:points]).abs().mean()

    def numpy_field(self) -> tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]:
        """density(points [n, 3]) -> [n] and color(points) -> [n, c], float32, in chunks and without gradients: what
        meshing takes."""

        def in_chunks(function: Callable[[Tensor], Tensor]) -> Callable[[np.ndarray], np.ndarray]:
            @torch.no_grad()
            def evaluate(points: np.ndarray) -> np.ndarray:
                device = self.field.grid.table.device
                x = torch.from_numpy(np.array(points, dtype=np.float32).reshape(-1, 3))
                return (
                    torch.cat([function(part.to(device)).cpu() for part in x.split(CHUNK_POINTS)]).contiguous().numpy()
                )

            return evaluate

        return in_chunks(self.field.density), in_chunks(lambda x: self.field(x)[1])
