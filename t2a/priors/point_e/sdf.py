"""Point-E's signed-distance model (Nichol et al. 2022, section 4.5): positive inside, negative outside.

The colours play no part: the cloud's positions are encoded once, then any number of queries cross-attend to them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from t2a.priors.point_e.configs import SdfConfig
from t2a.priors.point_e.transformer import CrossTransformer, Transformer
from t2a.types import PointCloud


class SignedDistanceModel(nn.Module):
    def __init__(self, config: SdfConfig):
        super().__init__()
        self.config = config
        width, std = config.width, config.init_scale / math.sqrt(config.width)
        self.encoder_input_proj = nn.Linear(3, width)
        self.encoder = Transformer(width, config.encoder_layers, config.encoder_heads, std)
        self.decoder_input_proj = nn.Linear(3, width)
        self.decoder = CrossTransformer(width, config.decoder_layers, config.decoder_heads, std)
        self.ln_post = nn.LayerNorm(width)
        self.output_proj = nn.Linear(width, 1)

    def encode_point_clouds(self, point_clouds: Float[Tensor, "b 3 n"]) -> Float[Tensor, "b n w"]:
        return self.encoder(self.encoder_input_proj(point_clouds.transpose(1, 2)))

    def predict_sdf(self, x: Float[Tensor, "b 3 q"], encoded: Float[Tensor, "b n w"]) -> Float[Tensor, "b q"]:
        h = self.decoder(self.decoder_input_proj(x.transpose(1, 2)), encoded)
        return self.output_proj(self.ln_post(h))[..., 0]

    def forward(self, x: Float[Tensor, "b 3 q"], point_clouds: Float[Tensor, "b 3 n"]) -> Float[Tensor, "b q"]:
        """Signed distances of the queries x, in the cloud's units; the official weights know clouds of 4096 points in
        the cube of side 1 around the origin."""
        return self.predict_sdf(x, self.encode_point_clouds(point_clouds))


@torch.no_grad()
def signed_distance(
    model: SignedDistanceModel, cloud: PointCloud, batch: int = 4096
) -> Callable[[Float[np.ndarray, "q 3"]], Float[np.ndarray, " q"]]:
    """The field around `cloud`, as a function of positions; `batch` queries at a time bound the memory."""
    device = next(model.parameters()).device
    encoded = model.encode_point_clouds(torch.as_tensor(cloud.points, dtype=torch.float32, device=device).T[None])

    @torch.no_grad()
    def field(positions: Float[np.ndarray, "q 3"]) -> Float[np.ndarray, " q"]:
        queries = torch.as_tensor(positions, dtype=torch.float32, device=device).T[None]
        parts = [model.predict_sdf(part, encoded)[0] for part in queries.split(batch, dim=2)]
        return torch.cat(parts).cpu().numpy()

    return field
