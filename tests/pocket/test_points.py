"""The point model's recipe: clouds on the world's surface, a loss that is least at the truth, learning."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from t2a.errors import UserError
from t2a.pocket import path
from t2a.pocket.geometry import write_assets
from t2a.pocket.render import signed_distance
from t2a.pocket.train.clouds import POINTS, Clouds, load_clouds
from t2a.pocket.train.points import draw, make_shard, velocity_loss
from t2a.pocket.world import SIZES, scene
from t2a.priors.text_tokens import text_reader
from t2a.priors.two_stream import TwoStreamConfig, TwoStreamDenoiser

SMALL = TwoStreamConfig(width=48, latents=8, stages=2, layers=1, heads=2, point_width=32, point_heads=2)


@pytest.fixture(scope="module")
def shard():
    return make_shard(1, 0, 3)


def test_clouds_lie_on_the_surface(shard):
    assert shard["points"].shape == (3, POINTS, 3)
    for i, points in enumerate(shard["points"]):
        distance = np.abs(signed_distance(scene(1, i).table, points.astype(np.float32)))
        assert np.quantile(distance, 0.95) < 0.01
        assert np.linalg.norm(points.astype(np.float32), axis=1).max() < 1.01
    assert len(shard["specs"]) == 3


def clouds_of(shard) -> Clouds:
    from t2a.pocket.data import spec_from_json

    return Clouds(
        torch.from_numpy(shard["points"]),
        torch.from_numpy(shard["colors"]),
        [spec_from_json(str(text)) for text in shard["specs"]],
    )


def test_drawn_points_are_the_scenes_own_and_scaled(shard):
    clouds = clouds_of(shard)
    rows, x0 = draw(clouds, 8, 16, torch.Generator().manual_seed(0))
    assert x0.shape == (8, 6, 16) and x0.abs().max() <= 1.01
    for row, cloud in zip(rows.tolist(), x0, strict=True):
        own = torch.cat([clouds.points[row].float(), clouds.colors[row].float() / 127.5 - 1], dim=1)
        assert torch.cdist(cloud.T, own).min(1).values.max() < 2e-3
        assert len({tuple(p) for p in cloud.T.tolist()}) > 8, "different points"


class Oracle:
    """Predicts the velocity of clouds that it knows."""

    config = SMALL

    def __init__(self, x0):
        self.alphas, self.x0 = TwoStreamDenoiser(SMALL).alphas, x0

    def velocity(self, x, t, context):
        a = self.alphas[t][:, None, None]
        noise = (x - a.sqrt() * self.x0) / (1 - a).sqrt()
        return a.sqrt() * noise - (1 - a).sqrt() * self.x0


def test_the_loss_of_the_truth_is_zero():
    x0 = torch.rand(16, 6, 20, generator=torch.Generator().manual_seed(0)) * 2 - 1
    g = torch.Generator().manual_seed(1)
    assert velocity_loss(Oracle(x0), x0, torch.zeros(16, 1, 192), g).max() < 1e-3
    assert velocity_loss(Oracle(-x0), x0, torch.zeros(16, 1, 192), g).min() > 1e-3


def test_the_text_is_read_by_the_pocket_model_s_own_encoder():
    tokens = text_reader(path())(["a red ball", "a blue chair"])
    assert tokens.ndim == 3 and tokens.shape[2] == TwoStreamConfig().context_width
    assert (tokens[0] - tokens[1]).abs().max() > 0.1


def test_it_learns(shard):
    clouds = clouds_of(shard)
    torch.manual_seed(0)
    model = TwoStreamDenoiser(SMALL)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    g = torch.Generator().manual_seed(0)
    losses = []
    for _ in range(100):
        _, x0 = draw(clouds, 16, 32, g)
        loss = velocity_loss(model, x0, torch.zeros(16, 1, 192), g).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert np.mean(losses[-10:]) < 0.75 * np.mean(losses[:5])


def test_anyones_clouds_are_read_by_their_index(tmp_path):
    write_assets([scene(1, i) for i in range(2)], tmp_path, views=2, size=16, points=300)
    clouds = load_clouds(tmp_path)
    assert clouds.points.shape == (2, POINTS, 3) and clouds.told == [(scene(1, i).caption,) for i in range(2)]
    assert clouds.caption(1, np.random.default_rng(0)) == scene(1, 1).caption
    farthest = clouds.points.float().norm(dim=-1).amax(1)
    torch.testing.assert_close(farthest, torch.full((2,), SIZES[None]), atol=5e-3, rtol=0)
    (tmp_path / "line.xyz").write_text("\n".join(f"{i} 0 {i % 3}" for i in range(40)), encoding="utf-8")
    own = [{"file": "line.xyz", "caption": ["a line", "a row of points"]}, {"name": "000", "caption": "one"}]
    (tmp_path / "index.json").write_text(json.dumps(own), encoding="utf-8")
    mine = load_clouds(tmp_path)
    said = {mine.caption(0, np.random.default_rng(i)) for i in range(20)}
    assert said == {"a line", "a row of points"} and len(mine.colors[0].unique()) == 1, "grey without colours"


@pytest.mark.parametrize(
    "index, problem",
    [
        (None, "has no index.json"),
        ("{", "cannot be read as JSON"),
        ("[]", "an empty one"),
        ('["chair.ply"]', "entry 0"),
        ('[{"file": "chair.ply"}]', "it must be a sentence"),
        ('[{"caption": "a chair"}]', "neither a file nor a name"),
        ('[{"caption": "a chair", "file": "chair.ply"}]', "there is no file"),
    ],
)
def test_an_index_that_cannot_be_used_says_why(tmp_path, index, problem):
    if index is not None:
        (tmp_path / "index.json").write_text(index, encoding="utf-8")
    with pytest.raises(UserError, match=problem):
        load_clouds(tmp_path)
