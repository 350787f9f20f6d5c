"""Views of one scene denoised together, after MVDream (Shi et al. 2023): self-attention sees the tokens of all of them.

No weight is added: a UNet trained this way is an ordinary one, whose self-attention layers may also be called on
pictures alone.
"""

from __future__ import annotations

from typing import Any

from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from torch import Tensor


class JointViews(AttnProcessor2_0):
    """Self-attention over `views` consecutive batch entries at once."""

    def __init__(self) -> None:
        super().__init__()
        self.views = 1

    def __call__(self, attn: Attention, hidden_states: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        batch, tokens, width = hidden_states.shape
        if self.views > 1:
            hidden_states = hidden_states.reshape(batch // self.views, self.views * tokens, width)
        out = super().__call__(attn, hidden_states, *args, **kwargs)
        return out.reshape(batch, tokens, width)


def join_views(unet: UNet2DConditionModel, views: int) -> None:
    """From now on every `views` consecutive entries of a batch are views of one scene; 1 takes each alone."""
    processors = dict(unet.attn_processors)
    if not any(isinstance(p, JointViews) for p in processors.values()):
        shared = JointViews()
        processors = {k: shared if ".attn1." in k else p for k, p in processors.items()}
        unet.set_attn_processor(processors)
    for processor in unet.attn_processors.values():
        if isinstance(processor, JointViews):
            processor.views = views
