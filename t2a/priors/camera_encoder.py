"""The camera, added to every token of the text: a small network beside a Stable Diffusion pipeline's own parts.

It lies in the pipeline's folder as `camera_encoder/`, which plain diffusers ignores; without it the model runs from
text alone. (As a token of its own the camera is one among many: after 6,000 steps the pocket UNet still ignored it.)
"""

from __future__ import annotations

from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from t2a.cameras import CAMERA_FEATURES, camera_features
from t2a.priors.module_folder import load_module, save_module
from t2a.types import Cameras

FOLDER = "camera_encoder"


class CameraEncoder(nn.Module):
    """Cameras -> what is added to each of the text encoder's tokens."""

    def __init__(self, width: int, views: int = 1):
        super().__init__()
        self.width = width
        self.views = views
        """How many views of a scene the UNet beside it was trained to denoise together."""
        last = nn.Linear(4 * width, width)
        # As loud as the text, whose tokens spread about as a unit normal; torch's own start gives a tenth of that.
        nn.init.normal_(last.weight, std=0.2)
        self.net = nn.Sequential(nn.Linear(CAMERA_FEATURES, 4 * width), nn.SiLU(), last)

    def forward(self, cameras: Cameras) -> Float[Tensor, "b 1 d"]:
        features = camera_features(cameras)
        return self.net(features.to(next(self.parameters()).dtype))[:, None]

    def save(self, pipeline: Path, dtype: torch.dtype = torch.float16) -> None:
        save_module(self, {"width": self.width, "views": self.views}, pipeline / FOLDER, dtype)

    @classmethod
    def load(cls, pipeline: Path) -> CameraEncoder | None:
        """The pipeline folder's camera encoder, or None where it has none; raises UserError for a damaged one."""
        folder = pipeline / FOLDER
        if not folder.is_dir():
            return None
        return load_module(folder, lambda config: cls(**config), "the camera encoder", "copy the model again")
