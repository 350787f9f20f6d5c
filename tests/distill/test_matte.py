"""Silhouettes from colours: true ones, and nothing where there is only noise."""

import pytest
import torch

from t2a.cameras import orbit
from t2a.distill.matte import matte
from t2a.pocket.captions import Item, Spec
from t2a.pocket.render import BACKGROUND
from t2a.pocket.world import scene


@pytest.mark.parametrize("item", [Item("chair", "blue"), Item("snowman"), Item("ball", "white"), Item("ring", "grey")])
def test_the_matte_of_a_true_render_is_its_silhouette(item):
    """White and grey things too; of a chair the narrow gaps of its back count as solid."""
    views = scene(1, spec=Spec((item,))).render(orbit([20, 110, 200, 290], 20), 64)
    found = matte(torch.from_numpy(views.rgb), torch.tensor(BACKGROUND))[..., 0].numpy() > 0.5
    truth = views.opacity > 0.5
    assert (found & truth).sum() / (found | truth).sum() > 0.88


def test_the_matte_leaves_noise_out():
    generator = torch.Generator().manual_seed(0)
    noisy = torch.tensor(BACKGROUND) + 0.004 * torch.randn(2, 32, 32, 3, generator=generator)
    assert matte(noisy, torch.tensor(BACKGROUND)).mean() < 0.01
    noisy[:, 8:24, 8:24] = torch.tensor([0.9, 0.1, 0.1])
    inside = torch.zeros(32, 32)
    inside[8:24, 8:24] = 1
    assert (matte(noisy, torch.tensor(BACKGROUND))[..., 0] - inside).abs().mean() < 0.02
