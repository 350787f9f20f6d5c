"""The ControlNet's recipe on a thimble of data: geometry that agrees with the pictures, maps of every kind, a net that
plain diffusers runs."""

import numpy as np
import pytest
import torch
from diffusers import ControlNetModel, StableDiffusionControlNetPipeline

from t2a import pocket
from t2a.mesh.maps import KINDS, control_map
from t2a.pocket.data import as_cameras, make_shard
from t2a.pocket.train.control import draw_maps, load_views, segmentation, train


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    np.savez(folder / "shard_000.npz", **make_shard(3, 0, 4, 4, 128, geometry=True))
    return folder


def test_geometry_agrees_with_the_pictures(data):
    with np.load(data / "shard_000.npz") as shard:
        hit = shard["depth"] > 0
        assert np.array_equal(hit, shard["parts"] >= 0)
        assert np.array_equal(hit, np.abs(shard["normals"].astype(int)).max(-1) > 0)
        assert 0.02 < hit.mean() < 0.5
        backdrop = shard["images"][:, :, :1, :1].astype(int)
        seen = np.abs(shard["images"] - backdrop).max(-1) > 8
        assert (seen == hit).mean() > 0.98, "what is not backdrop has a depth"


def test_each_picture_gets_the_map_that_is_asked_for(data):
    views = load_views(data)
    rows, columns = torch.arange(4).repeat_interleave(4), torch.arange(4).repeat(4)
    with np.load(data / "shard_000.npz") as shard:
        cameras = as_cameras(torch.from_numpy(shard["cameras"])[rows, columns])
    geometry, parts = views.of(rows, columns, cameras)
    kinds = torch.arange(16) % len(KINDS)
    maps = draw_maps(kinds, views, rows, columns, cameras, torch.Generator().manual_seed(0))
    assert maps.shape == (16, 3, 128, 128) and 0 <= maps.min() and maps.max() <= 1
    for number, kind in enumerate(KINDS):
        every = torch.full((16,), number)
        alone = draw_maps(every, views, rows, columns, cameras, torch.Generator().manual_seed(0))
        if kind != "segmentation":  # whose colours are drawn
            assert torch.equal(alone[kinds == number], maps[kinds == number])
            made = control_map(kind, geometry).permute(0, 3, 1, 2)
            # Edges were found before depth and normals were rounded.
            assert (made - alone).abs().mean() < (2e-3 if kind == "canny" else 1e-6)
        ground = alone.permute(0, 2, 3, 1)[parts < 0]
        wanted = (0.5, 0.5, 1.0) if kind == "normal" else (0.0, 0.0, 0.0)
        if kind in ("depth", "normal", "segmentation"):
            assert torch.allclose(ground, torch.tensor(wanted))


def test_parts_keep_apart_whatever_their_colours():
    parts = torch.tensor([[[-1, 0], [1, 9]]])
    for seed in range(5):
        colors = segmentation(parts, torch.Generator().manual_seed(seed))[0].reshape(4, 3)
        assert not colors[0].any() and len(colors.unique(dim=0)) == 4


def test_a_net_is_trained_resumes_and_runs_in_plain_diffusers(data, tmp_path):
    train(data, tmp_path, 2, batch=8, seed=1)
    net = ControlNetModel.from_pretrained(tmp_path / "control")
    assert any(p.abs().max() > 0 for name, p in net.named_parameters() if name.startswith("controlnet_down")), "learnt"
    pipe = StableDiffusionControlNetPipeline.from_pretrained(
        pocket.path(), controlnet=net, local_files_only=True, safety_checker=None, requires_safety_checker=False
    )
    pipe.set_progress_bar_config(disable=True)
    image = pipe(
        "a red ball",
        image=torch.zeros(1, 3, 128, 128),
        num_inference_steps=2,
        generator=torch.Generator().manual_seed(0),
        output_type="np",
    ).images[0]
    assert image.shape == (128, 128, 3)
    before = torch.load(tmp_path / "control.pt", weights_only=True)
    train(data, tmp_path, 3, batch=8, seed=1)
    after = torch.load(tmp_path / "control.pt", weights_only=True)
    assert (before["step"], after["step"]) == (2, 3)
