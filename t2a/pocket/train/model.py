"""The networks of the pocket latent diffusion model, before they are a pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from torch import Tensor, nn
from torch.nn.attention import sdpa_kernel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from t2a.pocket.train import tokenizer
from t2a.pocket.train.common import ATTENTION
from t2a.priors.camera_encoder import CameraEncoder
from t2a.priors.multiview import join_views
from t2a.types import Cameras

Predict = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(latents, steps, context) -> v."""
WIDTH = 192
"""Of the text's tokens."""
VIEWS = 4
"""So many views of a scene are denoised together, where they are."""


class Denoiser(nn.Module):
    """The three networks that are trained together."""

    def __init__(
        self,
        tokens: CLIPTokenizer,
        latent_size: int = 16,
        channels: int = 12,
        *,
        widths: tuple[int, int, int] = (64, 128, 192),
        text_layers: int = 4,
        pooled: bool = True,
    ):
        super().__init__()
        self.text_encoder = CLIPTextModel(
            CLIPTextConfig(
                vocab_size=len(tokens),
                hidden_size=WIDTH,
                intermediate_size=4 * WIDTH,
                projection_dim=WIDTH,
                num_hidden_layers=text_layers,
                num_attention_heads=6,
                max_position_embeddings=tokenizer.LENGTH,
                bos_token_id=tokens.bos_token_id,
                eos_token_id=tokens.eos_token_id,
                pad_token_id=tokens.pad_token_id,
            )
        )
        self.camera_encoder = CameraEncoder(WIDTH)
        # Cross-attention from 8x8 down: at 16x16 it would double the cost of a step. Three levels put most of the
        # parameters at 4x4, where what a thing is gets decided, for less time than two wide levels take.
        self.unet = UNet2DConditionModel(
            sample_size=latent_size,
            in_channels=channels,
            out_channels=channels,
            layers_per_block=1,
            block_out_channels=widths,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=WIDTH,
            attention_head_dim=4,  # diffusers reads this as the number of heads
            # Pools all tokens, and with them the camera, into the time embedding (as DeepFloyd IF does):
            # cross-attention alone takes many thousand steps before it begins to follow words.
            addition_embed_type="text" if pooled else None,
            addition_embed_type_num_heads=4,
            norm_num_groups=16,
        )

        self.recorded: dict[tuple[int, int], Predict] = {}
        """By pictures in a batch and views of each scene: what does the same as the UNet, sooner (see `record`)."""

    def forward(self, z: Tensor, t: Tensor, ids: Tensor, cameras: Cameras | None) -> Tensor:
        """Every text is that of as many consecutive pictures as come to each."""
        views = len(z) // len(ids)
        context = self.text_encoder(ids).last_hidden_state.repeat_interleave(views, 0)
        if cameras is not None:
            context = context + self.camera_encoder(cameras)
        if self.training and (predict := self.recorded.get((len(z), views))):
            return predict(z, t, context)
        return self.unet(z, t, context).sample


class Prediction(nn.Module):
    """The UNet as a plain function, in bf16 whose copies of the weights are made anew each time."""

    def __init__(self, unet: UNet2DConditionModel):
        super().__init__()
        self.unet = unet

    def forward(self, z: Tensor, t: Tensor, context: Tensor) -> Tensor:
        with torch.autocast("cuda", torch.bfloat16, cache_enabled=False), sdpa_kernel(ATTENTION["gpu"]):
            return self.unet(z, t, context).sample


def record(model: Denoiser, batch: int, latent: Sequence[int], together: Sequence[int]) -> None:
    """Record the UNet's work on batches of `batch` latents of a shape as CUDA graphs, one for each number of views that
    are denoised `together`. Its kernels are so short that launching them one by one takes several times as long."""
    device = next(model.parameters()).device
    for views in together:
        join_views(model.unet, views)
        z, t = torch.randn(batch, *latent, device=device), torch.randint(1000, (batch,), device=device)
        context = torch.randn(batch, tokenizer.LENGTH, WIDTH, device=device, requires_grad=True)
        recorded = torch.cuda.make_graphed_callables(Prediction(model.unet), (z, t, context), allow_unused_input=True)
        model.recorded[batch, views] = cast(Predict, recorded)


def scheduler() -> DDIMScheduler:
    return DDIMScheduler(
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        clip_sample=False,
        set_alpha_to_one=True,
        timestep_spacing="trailing",
        steps_offset=1,
    )
