"""The recipe of the depth head: lessons of true distances, the loss, and that it learns."""

import csv

import pytest
import torch

from t2a.pocket import path
from t2a.pocket.data import make_shard, write_shards
from t2a.pocket.train.depth import PIXELS, Lessons, laplace_loss, prepare, ship, train
from t2a.pocket.world import scene
from t2a.priors.depth import Depth, load
from t2a.types import Cameras


@pytest.fixture(scope="module")
def lessons(tmp_path_factory):
    folder = tmp_path_factory.mktemp("depth")
    write_shards(folder / "data", [0], lambda number: make_shard(3, 0, 4, 4, 128, bare=True))
    prepare(folder / "data", path(), folder / "out" / "lessons", "cpu")
    return folder


def test_lessons_are_the_true_distances(lessons):
    found = Lessons(**torch.load(lessons / "out" / "lessons" / "shard_000.pt", weights_only=True))
    assert found.z.shape == (4, 4, 12, 16, 16) and found.distance.shape == (4, 4, PIXELS, PIXELS)
    azimuth, elevation = found.cameras[2].T
    cameras = Cameras(azimuth, elevation, torch.full((4,), 3.0), torch.full((4,), 40.0).deg2rad())
    true = torch.from_numpy(scene(3, 2).render(cameras, PIXELS).depth)
    torch.testing.assert_close(found.distance[2].float(), true, atol=2e-3, rtol=0)


def test_the_loss_is_least_at_the_truth_and_at_the_spread_of_the_errors():
    distance = torch.tensor([[[3.0, 0.0], [2.5, 3.2]]])
    inside = torch.where(distance > 0, 9.0, -9.0)
    errors = torch.tensor([[[0.1, 5.0], [-0.1, 0.1]]])

    def loss(off, spread):
        found = Depth(distance + off, torch.full_like(distance, spread), inside)
        return float(laplace_loss(found, distance)["loss"])

    assert loss(0.0, 0.1) < loss(errors, 0.1)
    assert loss(errors, 0.1) < min(loss(errors, 0.08), loss(errors, 0.12)), "what is not there says nothing"


def test_it_learns_and_is_written(lessons):
    out = lessons / "out"
    train(lessons / "data", out, 50, batch=1, rate=2e-3)
    train(lessons / "data", out, 100, batch=1, rate=2e-3)
    rows = csv.DictReader((out / "depth.csv").read_text(encoding="utf-8").splitlines())
    errors = [float(row["error"]) for row in rows]
    assert len(errors) == 2 and errors[1] < 0.8 * errors[0]
    ship(out, lessons / "pipeline")
    assert load(lessons / "pipeline") is not None
    assert "100 steps of 1 scenes" in (lessons / "pipeline" / "depth" / "README.md").read_text(encoding="utf-8")
