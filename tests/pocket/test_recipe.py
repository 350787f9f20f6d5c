"""The whole recipe on a thimble of data: shards, autoencoder, latents, both kinds of batches, a pipeline that loads."""

import json

import numpy as np
import pytest
import torch

from t2a.cameras import orbit
from t2a.errors import UserError
from t2a.pocket.captions import words
from t2a.pocket.data import make_shard, shard_files
from t2a.pocket.train import autoencoder, diffusion, export, latents, tokenizer
from t2a.pocket.train.model import VIEWS, Denoiser, scheduler
from t2a.priors.latent import load_latent


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    np.savez(folder / "shard_000.npz", **make_shard(3, 0, 6, 4, 64))
    return folder


@pytest.fixture(scope="module")
def world(data, tmp_path_factory):
    torch.manual_seed(0)
    return latents.encode(shard_files(data), autoencoder.build(64).eval(), tmp_path_factory.mktemp("latents"))


def test_views_of_a_scene_are_drawn_together_or_alone(world):
    generator, nothing = torch.Generator().manual_seed(0), torch.zeros(tokenizer.LENGTH, dtype=torch.long)
    chance = diffusion.chances(world)
    alone = diffusion.draw(world, chance, 8, 0.0, generator, nothing)
    assert alone.together == 1 and len(alone.ids) == 8 == len(alone.z)
    for _ in range(10):
        joint = diffusion.draw(world, chance, 8, 1.0, generator, nothing)
        assert joint.together == VIEWS and len(joint.ids) == 2 and len(joint.z) == 8
        for views in joint.z.float().split(VIEWS):
            known = [(world.z[i].float()[:, None] == views[None]).flatten(2).all(2).any() for i in range(len(world.z))]
            assert sum(map(bool, known)) == 1, "all from one scene"
        for ids, views in zip(joint.ids, joint.z.float().split(VIEWS), strict=True):
            of = int((world.z[:, :, None].float() == views[None, None]).flatten(3).all(3).any(2).all(1).nonzero())
            assert bool((ids == nothing).all()) or bool((world.ids[of].long() == ids).all(1).any()), "its own caption"
        if joint.cameras is not None:
            spread = joint.cameras.azimuth[:VIEWS].sort().values.diff()
            assert spread.min() > 0.5, "from different sides"


def test_a_text_and_a_noise_level_are_shared_by_the_views_of_a_scene(world):
    torch.manual_seed(0)
    tokens = tokenizer.build(words())
    model = Denoiser(tokens, 8, widths=(16, 32, 32), text_layers=1).eval()
    seen = {}

    def spy(z, t, ids, cameras):
        seen.update(t=t, ids=ids)
        return Denoiser.forward(model, z, t, ids, cameras)

    model.forward = spy
    ids = tokens(["a red ball", "a blue car"], padding="max_length", return_tensors="pt").input_ids
    batch = diffusion.Batch(world.z[:2, :4].flatten(0, 1).float(), orbit([0, 90, 180, 270] * 2, 20), ids, 4)
    with torch.no_grad():
        losses = diffusion.v_loss(model, batch, scheduler().alphas_cumprod, torch.Generator().manual_seed(0))
    assert losses.shape == (8,) and bool(losses.isfinite().all())
    assert all(len(set(t.tolist())) == 1 for t in seen["t"].split(4)) and len(seen["ids"]) == 2


@pytest.mark.slow
def test_the_recipe_ends_in_a_pipeline_that_draws(data, tmp_path, capsys):
    with np.load(data / "shard_000.npz") as shard:
        images = torch.from_numpy(shard["images"]).flatten(0, 1)
    autoencoder.train(images, tmp_path, 2, 2).save_pretrained(tmp_path / "autoencoder")
    diffusion.prepare(data, tmp_path, None, 0, lesson=2)
    diffusion.train(data, tmp_path, 2, 8, joint=0.0)
    diffusion.train(data, tmp_path, 4, 8, joint=1.0)
    folder = export.export(tmp_path, tmp_path / "model")
    assert json.loads((folder / "camera_encoder" / "config.json").read_text())["views"] == VIEWS
    assert set((folder / "words.txt").read_text().split()) == set(words())
    assert "denoises 4 views" in (folder / "README.md").read_text()
    prior = load_latent(folder, offline=True)
    assert prior.joint_views == VIEWS and prior.image_size == 64
    condition = prior.condition(["a red ball"] * 8, "", orbit([0, 90, 180, 270] * 2, 20), 2.0)
    assert condition.views == VIEWS
    z = torch.randn(8, 12, 8, 8, generator=torch.Generator().manual_seed(0))
    assert bool(prior.predict(z, torch.full((8,), 500), condition).isfinite().all())
    with pytest.raises(UserError, match="that 4 divides"):
        diffusion.train(data, tmp_path, 6, 6, joint=1.0)
    again = tmp_path / "again"
    again.mkdir()
    diffusion.prepare(data, again, folder, 0)
    diffusion.train(data, again, 1, 4, start=folder)
    assert "trained on 6 scenes" in capsys.readouterr().out
    first, second = (torch.load(run / "diffusion.pt", weights_only=True) for run in (tmp_path, again))
    name = "unet.mid_block.resnets.0.conv1.weight"
    assert (second["model"][name] - first["average"][name]).abs().max() < 0.01, "began from the exported weights"
    # A second shard comes while it trains.
    np.savez(data / "shard_001.npz", **make_shard(3, 6, 3, 4, 64))
    (data / "shard_001.npz").rename(tmp_path / "later.npz")

    def train_beside_a_writer(grow: bool) -> str:
        learning = diffusion.v_loss

        def write_and_learn(*args):
            if not (data / "shard_001.npz").exists():
                (tmp_path / "later.npz").rename(data / "shard_001.npz")
            return learning(*args)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(diffusion, "v_loss", write_and_learn)
            steps = int(torch.load(again / "diffusion.pt", weights_only=True)["step"]) + diffusion.GROWTH
            diffusion.train(data, again, steps, 4, start=folder, grow=grow)
        return capsys.readouterr().out

    assert "trained on 9 scenes" in train_beside_a_writer(grow=True)
