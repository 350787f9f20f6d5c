"""Views denoised together: attention sees all of them, and nothing changes where they are taken alone."""

import torch
from diffusers import UNet2DConditionModel

from t2a.priors.multiview import join_views


def unet():
    torch.manual_seed(0)
    return UNet2DConditionModel(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(16, 32),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=2,
        norm_num_groups=4,
    ).eval()


@torch.no_grad()
def test_views_alone_are_what_the_plain_network_computes():
    model = unet()
    z, t, text = torch.randn(8, 4, 8, 8), torch.full((8,), 500), torch.randn(8, 5, 16)
    plain = model(z, t, text).sample
    join_views(model, 1)
    torch.testing.assert_close(model(z, t, text).sample, plain)
    join_views(model, 4)
    assert (model(z, t, text).sample - plain).abs().max() > 1e-4
    join_views(model, 1)
    torch.testing.assert_close(model(z, t, text).sample, plain)


@torch.no_grad()
def test_scenes_do_not_see_each_other_and_the_order_of_views_does_not_matter():
    model = unet()
    join_views(model, 4)
    z, t, text = torch.randn(8, 4, 8, 8), torch.full((8,), 500), torch.randn(8, 5, 16)
    both = model(z, t, text).sample
    torch.testing.assert_close(model(z[:4], t[:4], text[:4]).sample, both[:4], rtol=1e-4, atol=1e-5)
    order = torch.tensor([2, 0, 3, 1])
    torch.testing.assert_close(model(z[order], t[order], text[order]).sample, both[order], rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_equal_views_attend_as_one():
    """Four copies of one view, seen together, are what that view is alone: attention over copies is attention."""
    model = unet()
    z, t, text = (
        torch.randn(1, 4, 8, 8).repeat(4, 1, 1, 1),
        torch.full((4,), 500),
        torch.randn(1, 5, 16).repeat(4, 1, 1),
    )
    join_views(model, 1)
    alone = model(z, t, text).sample
    join_views(model, 4)
    torch.testing.assert_close(model(z, t, text).sample, alone, rtol=1e-4, atol=1e-5)
