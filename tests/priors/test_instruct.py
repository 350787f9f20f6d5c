"""InstructPix2Pix behind the Prior seam: plain diffusers' pipeline is followed step by step, and what a trained model
differs in is enough to have it back."""

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, StableDiffusionInstructPix2PixPipeline
from PIL import Image

from t2a import pocket
from t2a.cameras import orbit
from t2a.errors import UserError
from t2a.priors.catalog import load_pipeline
from t2a.priors.instruct import InstructPrior, edited, instruct_weights, save_differences, with_pictures
from t2a.priors.latent import LatentPrior
from t2a.priors.low_rank import changed, differences


@pytest.fixture(scope="module")
def pipe():
    """The pocket pipeline with a UNet that heeds a picture, at random."""
    pipe, _ = load_pipeline(pocket.path())
    pipe.unet = with_pictures(pipe.unet)
    generator = torch.Generator().manual_seed(0)
    pipe.unet.conv_in.weight.data[:, 12:] = torch.randn(64, 12, 3, 3, generator=generator) * 0.05
    return pipe


def picture(seed: int = 0) -> np.ndarray:
    """A blurred one: 8-bit, so that a pipeline that reads pictures sees the same."""
    noise = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(noise).resize((128, 128), Image.Resampling.BICUBIC))


def test_steps_are_those_of_diffusers(pipe):
    """Five DDIM steps under both scales, of the same noise, before decoding."""
    rgb, steps, text, image = picture(), 5, 5.0, 1.8
    noise = torch.randn(1, 12, 16, 16, generator=torch.Generator().manual_seed(1))
    plain = StableDiffusionInstructPix2PixPipeline(
        **{name: getattr(pipe, name) for name in ("vae", "text_encoder", "tokenizer", "unet")},
        scheduler=DDIMScheduler.from_config(pipe.scheduler.config),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    plain.set_progress_bar_config(disable=True)
    wanted = plain(
        "make it blue", Image.fromarray(rgb), num_inference_steps=steps, guidance_scale=text,
        image_guidance_scale=image, latents=noise.clone(), output_type="latent",
    ).images  # fmt: skip
    prior = InstructPrior(pipe, image_guidance=image)
    prior.source = lambda _cameras: torch.from_numpy(rgb.copy())[None].float() / 255
    condition = prior.condition(["make it blue"], "", orbit([0.0], 0.0), text)
    scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    scheduler.set_timesteps(steps)
    z = noise
    for t in scheduler.timesteps:
        epsilon = prior.predict(z, t[None], condition)
        # diffusers combines v, t2a epsilon: the same, for both are linear in each other at one z and t.
        a = prior.schedule.alpha(t[None], z)
        v = (epsilon - (1 - a).sqrt() * z) / a.sqrt()
        z = scheduler.step(v, t, z).prev_sample
    torch.testing.assert_close(z, wanted, rtol=1e-3, atol=2e-3)


def test_the_scales_are_those_of_the_paper():
    predictions = torch.randn(3, 2, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    nothing, seen, told = predictions
    weights = instruct_weights(7.5, 1.5, 2).double()
    combined = (weights[:, :, None] * predictions).sum(0)
    torch.testing.assert_close(combined, nothing + 1.5 * (seen - nothing) + 7.5 * (told - seen))


def test_a_new_one_draws_as_if_there_were_no_picture():
    pipe, _ = load_pipeline(pocket.path())
    z, picture = torch.randn(2, 2, 12, 16, 16, generator=torch.Generator().manual_seed(3))
    t, context = torch.tensor([300, 700]), torch.randn(2, 32, 192, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        plain = pipe.unet(z, t, context).sample
        grown = with_pictures(pipe.unet)(torch.cat([z, picture], 1), t, context).sample
    torch.testing.assert_close(grown, plain, rtol=1e-4, atol=1e-5)


def test_a_model_that_takes_no_picture_is_refused():
    pipe, _ = load_pipeline(pocket.path())
    with pytest.raises(UserError, match="12 channels.*24.*InstructPix2Pix"):
        InstructPrior(pipe)


def test_differences_of_full_rank_give_the_model_back(tmp_path):
    pipe, _ = load_pipeline(pocket.path())
    trained, generator = with_pictures(pipe.unet), torch.Generator().manual_seed(0)
    for value in trained.parameters():
        change = 0.02 * torch.randn(value.shape[:1] + (1,) * (value.ndim - 1), generator=generator)
        value.data += change * torch.randn((1,) + value.shape[1:], generator=generator)  # of rank one
    save_differences(pipe.unet, trained, 4, tmp_path)
    again = edited(pipe.unet, tmp_path)
    for (name, ours), theirs in zip(again.state_dict().items(), trained.state_dict().values(), strict=True):
        assert (ours - theirs).abs().max() < 2e-3, name
    size = (tmp_path / "model.safetensors").stat().st_size
    assert size < 0.06 * 4 * sum(p.numel() for p in trained.parameters())
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError, match="cannot be loaded.*install t2a again"):
        edited(pipe.unet, tmp_path)


def test_a_lower_rank_keeps_the_largest_part():
    generator = torch.Generator().manual_seed(0)
    before = {"w": torch.zeros(40, 60), "b": torch.zeros(40)}
    after = {"w": torch.randn(40, 60, generator=generator), "b": torch.ones(40)}
    errors = []
    for rank in (1, 8, 20):
        found = changed(before, differences(before, after, rank, torch.float32))
        errors.append(float((found["w"] - after["w"]).norm()))
        assert torch.equal(found["b"], after["b"])
        left = torch.linalg.svdvals(after["w"])[rank:].square().sum().sqrt()
        assert errors[-1] == pytest.approx(float(left), rel=1e-3), "Eckart and Young 1936"
    assert errors[0] > errors[1] > errors[2]


def test_depth_is_what_the_drawing_model_sees(pipe):
    drawer = LatentPrior(load_pipeline(pocket.path())[0])
    prior = InstructPrior(pipe, drawer)
    assert prior.drawer is drawer and prior.depth_head is drawer.depth_head
