"""Pictures before the judge: the Frechet distance against what is known of it, sides against the world's own."""

import numpy as np
import pytest
import torch

from t2a.eval.pictures import frechet
from t2a.eval.retrieval import facing, right_sides
from t2a.pocket.captions import Item, Spec


def test_frechet_distance_of_gaussians_is_the_closed_form():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(200_000, 2)) * [1.0, 2.0]
    b = rng.normal(size=(200_000, 2)) * [3.0, 1.0] + [1.0, -2.0]
    assert frechet(a, b) == pytest.approx(5.0 + (1 - 3) ** 2 + (2 - 1) ** 2, rel=0.02)
    assert frechet(a, a) == pytest.approx(0.0, abs=1e-6)


class Compass:
    """A judge that reads a picture's side from its brightness."""

    def sides(self, images):
        return (torch.as_tensor(images)[:, 0, 0, 0] * 8).round().long() % 8


def test_right_sides_are_those_within_a_sector_of_the_truth():
    views = torch.arange(8)[:, None, None, None].expand(8, 4, 4, 3) / 8
    assert right_sides(views, Compass()) == 1.0
    assert right_sides(views.roll(1, 0), Compass()) == 1.0
    assert right_sides(views.roll(4, 0), Compass()) == 0.0
    front_twice = views.clone()
    front_twice[3:6] = views[:1]
    assert right_sides(front_twice, Compass()) == 5 / 8


def test_several_things_have_no_side(tiny_judge):
    views = torch.rand(8, 32, 32, 3)
    assert facing(views, Spec((Item("car", count=2),)), tiny_judge) is None
    assert facing(views, Spec((Item("car"), Item("cube")), "next"), tiny_judge) is None
    assert facing(views, Spec((Item("car"),)), tiny_judge) is None, "an untrained judge cannot tell"
