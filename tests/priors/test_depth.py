"""The depth head: it hears the UNet, looks at all views of a scene together, and says how sure it is."""

import pytest
import torch

from t2a import pocket
from t2a.cameras import orbit
from t2a.errors import UserError
from t2a.priors.depth import FOLDER, DepthConfig, DepthHead, knowledge, load, overheard, save
from t2a.priors.latent import load_latent


@pytest.fixture(scope="module")
def prior():
    return load_latent(pocket.path(), offline=True)


@pytest.fixture(scope="module")
def views():
    return orbit([0, 90, 180, 270], 20)


def small(known=20):
    torch.manual_seed(0)
    return DepthHead(DepthConfig(known, width=32, layers=2, fine=4))


def test_what_the_unet_knows_comes_with_the_latent(prior, views):
    z = torch.randn(4, 12, 16, 16, generator=torch.Generator().manual_seed(0))
    context = prior.condition(["a red ball"] * 4, "", views, 1.0).contexts[1]
    t = torch.full((4,), 50)
    known = knowledge(prior.unet, z, t, context, 4)
    assert torch.equal(known[:, :12], z)
    assert known.shape == (4, 12 + 64 + 128, 16, 16)
    other = z.clone()
    other[3] += 1
    heard = knowledge(prior.unet, other, t, context, 4)
    assert not torch.allclose(heard[0, 12:], known[0, 12:]), "views that are seen together are known together"
    alone = knowledge(prior.unet, z, t, context, 1)
    torch.testing.assert_close(knowledge(prior.unet, other, t, context, 1)[0], alone[0])


def test_the_unet_is_left_as_it_was(prior):
    with overheard(prior.unet):
        assert any(block._forward_hooks for block in prior.unet.up_blocks)
    assert not any(block._forward_hooks for block in prior.unet.up_blocks)


def test_scenes_know_nothing_of_each_other_but_views_do(views):
    head = small()
    known = torch.randn(8, 20, 8, 8, generator=torch.Generator().manual_seed(0))
    cameras = orbit([0, 90, 180, 270, 0, 90, 180, 270], 20)
    found = head(known, cameras, 4)
    assert found.distance.shape == found.spread.shape == found.inside.shape == (8, 32, 32)
    assert (found.spread > 0).all()
    torch.testing.assert_close(head(known[:4], views, 4).distance, found.distance[:4], atol=1e-5, rtol=1e-5)
    other = known.clone()
    other[7] += 1
    changed = (head(other, cameras, 4).distance - found.distance).abs().amax((1, 2)) > 1e-7
    assert changed.tolist() == [False] * 4 + [True] * 4


def test_saved_and_loaded(tmp_path, views):
    head = small()
    save(head, tmp_path / FOLDER, torch.float32)
    known = torch.randn(4, 20, 8, 8)
    loaded = load(tmp_path)
    assert torch.equal(loaded(known, views, 4).distance, head(known, views, 4).distance)
    assert not any(p.requires_grad for p in loaded.parameters())
    (tmp_path / FOLDER / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(UserError, match="cannot be loaded: .*; copy the model again"):
        load(tmp_path)
    assert load(tmp_path / "elsewhere") is None
