"""The shipped model behind the Prior seam: plain diffusers runs it, the camera and the text reach the denoiser,
errors are sentences."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline

from t2a import config as configs
from t2a import pocket
from t2a.cameras import orbit
from t2a.errors import UserError
from t2a.priors.catalog import load_pipeline
from t2a.priors.latent import load_latent


@pytest.fixture(scope="module")
def prior():
    return load_latent(pocket.path(), offline=True)


def test_plain_diffusers_loads_and_runs_from_text_alone():
    pipe = StableDiffusionPipeline.from_pretrained(
        pocket.path(), local_files_only=True, safety_checker=None, requires_safety_checker=False
    )
    pipe.set_progress_bar_config(disable=True)
    image = pipe(
        "a red ball", num_inference_steps=20, generator=torch.Generator().manual_seed(0), output_type="np"
    ).images[0]
    middle, corner = image[48:80, 48:80].mean((0, 1)), image[:4, :4].mean((0, 1))
    assert middle[0] > middle[1] + 0.2 and middle[0] > middle[2] + 0.2, "a red ball is red in the middle"
    assert abs(corner - middle).max() > 0.15


def test_text_and_camera_reach_the_denoiser(prior):
    z = torch.randn(1, 12, 16, 16, generator=torch.Generator().manual_seed(0)).expand(4, -1, -1, -1)
    t = torch.full((4,), 700)
    cameras = orbit([0, 90, 180, 270], 20)
    same = prior.predict(z, t, prior.condition(["a yellow car"] * 4, "", cameras, 1.0))
    assert (same[0] - same[1]).abs().max() > 1e-2, "the camera changes the prediction"
    texts = prior.predict(
        z, t, prior.condition(["a yellow car", "a blue car", "a car", ""], "", orbit([0] * 4, 20), 1.0)
    )
    assert (texts[0] - texts[1]).abs().max() > 1e-2, "the text changes the prediction"


def test_what_is_not_read_is_said(prior):
    assert prior.unread("a small red cube on top of a large blue cube") == []
    (warning,) = prior.unread("a red ball " * 12)
    assert "30 words" in warning and warning.endswith('"a red ball a red ball"'), warning


def test_guidance_is_one_convention(prior):
    z = torch.randn(2, 12, 16, 16, generator=torch.Generator().manual_seed(1))
    t, cameras, prompts = torch.tensor([200, 800]), orbit([30, 200], 10), ["a red mushroom", "a blue chair"]
    zero, one, four = (prior.predict(z, t, prior.condition(prompts, "", cameras, s)) for s in (0.0, 1.0, 4.0))
    torch.testing.assert_close(four, zero + 4 * (one - zero), rtol=1e-3, atol=1e-3)


def test_unconditional_branch_is_what_a_plain_pipeline_computes(prior):
    z = torch.randn(1, 12, 16, 16, generator=torch.Generator().manual_seed(2))
    t = torch.tensor([500])
    ids = prior.tokenizer("", padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        raw = prior.unet(z, t, prior.text_encoder(ids).last_hidden_state).sample
    expected = prior.schedule.to_epsilon(raw, z, t)
    found = prior.predict(z, t, prior.condition(["a red ball"], "", orbit([0], 0), 0.0))
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_encode_is_differentiable_and_decode_inverts_it(prior):
    from t2a.pocket.captions import Item, Spec
    from t2a.pocket.world import scene

    backdrop = np.array([configs.load("pocket").scene.backdrop] * 2)
    views = scene(77, spec=Spec((Item("mushroom", "blue"),))).render(orbit([20, 140], 20), 128, backgrounds=backdrop)
    rgb = torch.from_numpy(views.rgb).requires_grad_()
    z = prior.encode(rgb)
    assert z.shape == (2, 12, 16, 16) and 0.5 < z.std() < 2
    z.square().sum().backward()
    assert torch.isfinite(rgb.grad).all() and rgb.grad.abs().max() > 0
    error = (prior.decode(z.detach()) - rgb.detach()).square().mean()
    assert -10 * error.log10() > 24, "dB of the autoencoder on an unseen scene"


@pytest.fixture()
def copy(tmp_path):
    shutil.copytree(pocket.path(), tmp_path / "model")
    return tmp_path / "model"


def damage(copy, how):
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    if how == "truncated":
        weights.write_bytes(weights.read_bytes()[:5000])
    elif how == "garbage":
        weights.write_bytes(b"\xff" * 10_000)
    elif how == "no weights":
        weights.unlink()
    elif how == "pickle":
        weights.rename(weights.with_name("diffusion_pytorch_model.bin"))
    elif how == "truncated camera encoder":
        encoder = copy / "camera_encoder" / "model.safetensors"
        encoder.write_bytes(encoder.read_bytes()[:5000])
    elif how == "no camera encoder weights":
        (copy / "camera_encoder" / "model.safetensors").unlink()
    elif how == "bad camera encoder":
        (copy / "camera_encoder" / "config.json").write_text('{"width": 3}')
    elif how == "no unet":
        shutil.rmtree(copy / "unet")
    elif how == "bad index":
        (copy / "model_index.json").write_text("{")
    elif how == "no index":
        (copy / "model_index.json").unlink()
    elif how == "wrong shape":
        config = json.loads((copy / "unet" / "config.json").read_text())
        (copy / "unet" / "config.json").write_text(json.dumps({**config, "cross_attention_dim": 77}))


@pytest.mark.parametrize(
    "how",
    [
        "truncated",
        "garbage",
        "no weights",
        "pickle",
        "truncated camera encoder",
        "no camera encoder weights",
        "bad camera encoder",
        "no unet",
        "bad index",
        "no index",
        "wrong shape",
    ],
)
def test_damaged_models_are_one_sentence(copy, how):
    damage(copy, how)
    with pytest.raises(UserError) as error:
        load_latent(copy, offline=True)
    assert "\n" not in str(error.value) and str(copy) in str(error.value)


@pytest.mark.parametrize("name", ["no/such/folder", "./missing", "missing"])
def test_missing_folder_is_one_sentence(name):
    with pytest.raises(UserError, match="there is no model folder"):
        load_pipeline(name, offline=True)


def test_offline_hub_id_says_so():
    code = """
from t2a.errors import UserError
from t2a.priors.catalog import load_pipeline
try:
    load_pipeline("nobody/nothing", offline=True)
except UserError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--offline forbids" in done.stdout and done.stdout.count("\n") == 1
