"""P-FID and P-IS: the laws of both, a classifier that learns, order and scale that do not count."""

import dataclasses

import numpy as np
import pytest
import torch

from t2a.errors import UserError
from t2a.eval.point_net import PointNet, PointNetConfig, accuracy, load, p_fid, p_is, save
from t2a.eval.train_point_net import train

SMALL = PointNetConfig(("ball", "box", "rod"), centres=(32, 8), neighbours=8, widths=(16, 24, 32))


def shapes(count, seed, points=256):
    """Surfaces of three kinds, each stretched its own way; [count, points, 3] and the kinds."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(3, size=count)
    x = rng.normal(size=(count, points, 3))
    ball = x / np.linalg.norm(x, axis=-1, keepdims=True)
    box = x / np.abs(x).max(-1, keepdims=True)
    rod = ball * [0.2, 1.0, 0.2]
    clouds = np.choose(kinds[:, None, None], [ball, box, rod]) * rng.uniform(0.8, 1.2, (count, 1, 3))
    return torch.tensor(clouds, dtype=torch.float32), torch.tensor(kinds)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("net")
    points, kinds = shapes(300, 0)
    *_, (_, _, model) = train(points, kinds, folder, 500, batch=24, rate=3e-3, config=SMALL)
    return model, folder


def test_it_learns_shapes_that_it_has_not_seen(trained):
    points, kinds = shapes(200, 1)
    assert accuracy(trained[0], points, kinds) > 0.9


def test_where_a_cloud_is_and_how_large_does_not_count(trained):
    points, _ = shapes(4, 2)
    torch.testing.assert_close(trained[0](points), trained[0](3 * points + 7), rtol=1e-3, atol=1e-3)


def test_p_fid_is_zero_for_the_same_and_grows_with_noise(trained):
    model = trained[0]
    true, same = shapes(200, 3)[0], shapes(200, 4)[0]
    noisy = [same + s * torch.randn(same.shape, generator=torch.Generator().manual_seed(0)) for s in (0.1, 0.3)]
    near, some, far = (p_fid(model, clouds, true) for clouds in (same, *noisy))
    assert p_fid(model, true, true) == pytest.approx(0, abs=1e-6)
    assert near < some < far


def test_p_is_counts_the_classes_that_are_clearly_there(trained):
    model = trained[0]
    points, kinds = shapes(300, 5)
    assert 2.2 < p_is(model, points) <= 3.0, "three kinds"
    assert p_is(model, points[kinds == 0]) < 1.3, "one kind"

    class Sure(PointNet):
        def forward(self, points):
            return 50.0 * torch.nn.functional.one_hot(torch.arange(len(points)) % 3, 3).float()

    assert p_is(Sure(SMALL), points[:30]) == pytest.approx(3.0)


def test_saved_weights_load_and_damaged_ones_are_refused(trained, tmp_path):
    model, folder = trained
    again = load(folder)
    points, _ = shapes(4, 6)
    torch.testing.assert_close(again(points), model(points), rtol=0.05, atol=0.05)
    assert dataclasses.asdict(again.config) == dataclasses.asdict(SMALL)
    save(model, tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError, match="cannot be loaded"):
        load(tmp_path)
