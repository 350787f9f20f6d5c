"""The camera, added to every token of the text: a small network beside a Stable Diffusion pipeline's own parts.

It lies in the pipeline's folder as `camera_encoder/`, which plain diffusers ignores; without it the model runs from
text alone. (As a token of its own the camera is one among many: after 6,000 steps the pocket UNet still ignored it.)
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from t2a.cameras import CAMERA_FEATURES, camera_features
from t2a.errors import UserError
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
        folder = pipeline / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps({"width": self.width, "views": self.views}), encoding="utf-8")
        save_file({k: v.to(dtype).contiguous() for k, v in self.state_dict().items()}, folder / "model.safetensors")

    @classmethod
    def load(cls, pipeline: Path) -> CameraEncoder | None:
        """The pipeline folder's camera encoder, or None where it has none; raises UserError for a damaged one."""
        folder = pipeline / FOLDER
        if not folder.is_dir():
            return None
        try:
            encoder = cls(**json.loads((folder / "config.json").read_text(encoding="utf-8")))
            encoder.load_state_dict({k: v.float() for k, v in load_file(folder / "model.safetensors").items()})
        except (OSError, ValueError, TypeError, RuntimeError, SafetensorError) as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise UserError(
                f"the camera encoder in {folder} cannot be loaded: {first}; copy the model again"
            ) from error
        return encoder
