"""`ns-train t2a`: the hash-grid field of t2a, trained on pictures by nerfstudio, with its viewer and its exporters.

Needs no CUDA and no weights from elsewhere. Pictures with transparency say what the object is, and the field then
holds the object alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from nerfstudio.cameras.rays import RayBundle
from nerfstudio.configs.base_config import ViewerConfig
from nerfstudio.data.datamanagers.base_datamanager import VanillaDataManagerConfig
from nerfstudio.data.dataparsers.nerfstudio_dataparser import NerfstudioDataParserConfig
from nerfstudio.engine.callbacks import TrainingCallback, TrainingCallbackAttributes, TrainingCallbackLocation
from nerfstudio.engine.optimizers import AdamOptimizerConfig
from nerfstudio.engine.schedulers import MultiStepSchedulerConfig
from nerfstudio.engine.trainer import TrainerConfig
from nerfstudio.models.base_model import Model, ModelConfig
from nerfstudio.pipelines.base_pipeline import VanillaPipelineConfig
from nerfstudio.plugins.types import MethodSpecification
from nerfstudio.utils import colormaps
from torch import Tensor
from torch.nn import Parameter

from t2a.config import SceneConfig
from t2a.scene import LearnedBackground, NeRFScene
from t2a.types import Rays


@dataclass
class T2AModelConfig(ModelConfig):
    """The field's options are those of t2a's own scenes (--pipeline.model.scene.levels and so on)."""

    _target: type = field(default_factory=lambda: T2AModel)
    enable_collider: bool = False
    scene: SceneConfig = SceneConfig(
        finest_resolution=512, log2_table_size=17, activation="trunc_exp", blob_scale=4.0, samples=96
    )
    """The hash grid and how it is rendered."""
    matte: float = 0.1
    """Weight of the opacity's error, where the pictures have transparency."""
    distortion: float = 0.01
    """Weight of the rays' distortion (mip-NeRF 360)."""


class T2AModel(Model):
    """A NeRFScene in nerfstudio's box, which is the scene's cube [-1, 1]^3; what is outside of it is a background that
    depends on the direction alone."""

    config: T2AModelConfig

    def populate_modules(self) -> None:
        super().populate_modules()
        self.scene = NeRFScene(self.config.scene, background=LearnedBackground())
        self.edge = float(self.scene_box.aabb.abs().max())

    def get_param_groups(self) -> dict[str, list[Parameter]]:
        return {"fields": list(self.scene.parameters())}

    def get_training_callbacks(self, training_callback_attributes: TrainingCallbackAttributes):
        def update(step: int) -> None:
            self.scene.update(step)

        where = [TrainingCallbackLocation.BEFORE_TRAIN_ITERATION]
        return [TrainingCallback(where_to_run=where, update_every_num_iters=1, func=update)]

    def get_outputs(self, ray_bundle: RayBundle | Any) -> dict[str, Any]:
        """rgb [..., 3], accumulation and depth [..., 1] and, but for training, normals [..., 3], which nerfstudio has
        in [0, 1]."""
        shape = ray_bundle.origins.shape[:-1]
        directions = ray_bundle.directions.reshape(-1, 3)
        rays = Rays(ray_bundle.origins.reshape(-1, 3) / self.edge, directions)
        jitter = torch.Generator().manual_seed(int(torch.randint(2**31, ()))) if self.training else None
        out = self.scene.trace(rays, normals=not self.training, generator=jitter)
        behind = self.scene.background(directions[None, None])[0, 0]
        opacity = out.opacity[:, None]
        outputs = {
            "rgb": out.color + (1 - opacity) * behind,
            "accumulation": opacity,
            "depth": out.depth[:, None] * self.edge,
        }
        if out.normal is not None:
            outputs["normals"] = (out.normal + 1) / 2
        outputs = {name: value.reshape(*shape, -1) for name, value in outputs.items()}
        if self.training:
            outputs |= {"color": out.color, "distortion": out.distortion}
        return outputs

    def get_rgba_image(self, outputs: dict[str, Tensor], output_name: str = "rgb") -> Tensor:
        return torch.cat([outputs[output_name], outputs["accumulation"]], dim=-1)

    def get_loss_dict(self, outputs, batch, metrics_dict=None) -> dict[str, Tensor]:
        image, rgb, opacity = batch["image"].to(self.device), outputs["rgb"], outputs["accumulation"]
        losses = {}
        if image.shape[-1] == 4:
            # Before random colours nothing of the object passes for what is behind it.
            image, there = image[..., :3], image[..., 3:]
            behind = torch.rand_like(image)
            image, rgb = there * image + (1 - there) * behind, outputs["color"] + (1 - opacity) * behind
            losses["matte"] = self.config.matte * (opacity - there).square().mean()
        losses["rgb"] = (rgb - image).square().mean()
        losses["distortion"] = self.config.distortion * outputs["distortion"].mean()
        return losses

    def get_metrics_dict(self, outputs, batch) -> dict[str, Tensor]:
        return {"psnr": _psnr(outputs["rgb"], self._shown(batch["image"].to(self.device), outputs))}

    def get_image_metrics_and_images(self, outputs, batch) -> tuple[dict[str, float], dict[str, Tensor]]:
        true = self._shown(batch["image"].to(outputs["rgb"].device), outputs)
        pictures = {
            "img": torch.cat([true, outputs["rgb"]], dim=1),
            "accumulation": colormaps.apply_colormap(outputs["accumulation"]),
            "depth": colormaps.apply_depth_colormap(outputs["depth"], accumulation=outputs["accumulation"]),
        }
        return {"psnr": float(_psnr(outputs["rgb"], true))}, pictures

    def _shown(self, image: Tensor, outputs: dict[str, Tensor]) -> Tensor:
        """A picture with transparency, before the background that the model has."""
        if image.shape[-1] == 3:
            return image
        behind = outputs["rgb"].detach() if self.training else outputs["rgb"]
        return image[..., 3:] * image[..., :3] + (1 - image[..., 3:]) * behind


def _psnr(a: Tensor, b: Tensor) -> Tensor:
    return -10 * (a - b).square().mean().clamp(min=1e-10).log10()


METHOD = MethodSpecification(
    config=TrainerConfig(
        method_name="t2a",
        steps_per_eval_batch=500,
        steps_per_save=1000,
        max_num_iterations=3000,
        mixed_precision=False,
        pipeline=VanillaPipelineConfig(
            datamanager=VanillaDataManagerConfig(
                dataparser=NerfstudioDataParserConfig(),
                train_num_rays_per_batch=8192,
                eval_num_rays_per_batch=8192,
            ),
            model=T2AModelConfig(eval_num_rays_per_chunk=1 << 15),
        ),
        optimizers={
            "fields": {
                "optimizer": AdamOptimizerConfig(lr=2e-2, eps=1e-15),
                # The other schedulers leave numpy's numbers in the checkpoint, which torch refuses to load since 2.6.
                "scheduler": MultiStepSchedulerConfig(milestones=(1500, 2200, 2700), gamma=0.33, max_steps=3000),
            }
        },
        viewer=ViewerConfig(num_rays_per_chunk=1 << 15),
        vis="viewer",
    ),
    description="The hash-grid field of t2a: objects, on a CPU too; t2a edit takes what it has trained",
)
