"""Sampling: against a plain computation with the same noise, and against Gaussians whose flow is known."""

import math

import numpy as np
import pytest
import torch
from scipy.interpolate import interp1d

from t2a.priors.point_e import build
from t2a.priors.point_e.configs import PointDiffusionConfig
from t2a.priors.point_e.diffusion import diffusion_of
from t2a.priors.point_e.sampler import (
    BASE,
    UNGUIDED_UPSAMPLER,
    UPSAMPLER,
    SamplerConfig,
    Stage,
    guided,
    heun,
    image_stages,
    karras_sigmas,
    sample,
    sample_stage,
    text_stages,
    to_point_clouds,
)
from tests.priors.point_e.reference import randomize

SIZES = {"width": 32, "layers": 1, "heads": 2, "clip_width": 10, "clip_tokens": 5}
GRID = PointDiffusionConfig("grid", n_ctx=12, **SIZES)
UPSAMPLE = PointDiffusionConfig("upsample", n_ctx=30, schedule="linear", **SIZES)


def normal(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return lambda shape: torch.randn(shape, generator=generator)


def finish(job):
    """(events, result) of a generator."""
    events = []
    while True:
        try:
            events.append(next(job))
        except StopIteration as end:
            return events, end.value


def test_the_published_settings():
    for config in (BASE, UPSAMPLER, UNGUIDED_UPSAMPLER):
        assert (config.steps, config.rho, config.sigma_min) == (64, 7, 1e-3)
    assert [c.sigma_max for c in (BASE, UPSAMPLER, UNGUIDED_UPSAMPLER)] == [120, 160, 160]
    assert [c.s_churn for c in (BASE, UPSAMPLER, UNGUIDED_UPSAMPLER)] == [3, 0, 0]
    assert [c.guidance_scale for c in (BASE, UPSAMPLER, UNGUIDED_UPSAMPLER)] == [3, 3, 0]


def test_sigmas_are_even_in_their_seventh_root():
    sigmas = karras_sigmas(64, 1e-3, 120.0).double()
    assert len(sigmas) == 65
    assert sigmas[0] == pytest.approx(120) and sigmas[63] == pytest.approx(1e-3) and sigmas[64] == 0
    steps = (sigmas[:64] ** (1 / 7)).diff()
    torch.testing.assert_close(steps, steps.mean().expand(63), rtol=1e-3, atol=0)


# The whole sampler once more, in numpy, as the published one goes: loops, one branch at a time, float64.


def plain_abar(schedule):
    if schedule == "linear":
        return np.cumprod(1 - np.linspace(1e-4, 0.02, 1024) * 1000 / 1024)
    f = [math.cos((i / 1024 + 0.008) / 1.008 * math.pi / 2) ** 2 for i in range(1025)]
    return np.cumprod([1 - min(1 - b / a, 0.999) for a, b in zip(f, f[1:], strict=False)])


def plain_stage(model, conditions, noise, *, sigma_max, churn, guidance, steps):
    abar = plain_abar(model.config.schedule)
    step_of = interp1d(abar, np.arange(1024))
    scales = np.array([2, 2, 2, 0.00784314, 0.00784314, 0.00784314])[:, None]
    biases = np.array([0, 0, 0, -1, -1, -1])[:, None]
    shape = (2, 6, model.config.n_ctx)

    def branch(x, sigma, told):
        target = 1 / (sigma**2 + 1)
        t = 0 if target > abar[0] else 1023 if target <= abar[-1] else int(step_of(target))
        x_t = x / math.sqrt(sigma**2 + 1)
        given = {k: v if told else v * 0 for k, v in conditions.items()}
        with torch.no_grad():
            out = model(torch.from_numpy(x_t).float(), torch.tensor([t, t]), **given).double().numpy()
        return np.clip(x_t / math.sqrt(abar[t]) - math.sqrt(1 / abar[t] - 1) * out[:, :6], -1, 1)

    def denoised(x, sigma):
        told = branch(x, sigma, True)
        if guidance == 0:
            return told
        untold = branch(x, sigma, False)
        return untold + guidance * (told - untold)

    low, high = 1e-3 ** (1 / 7), sigma_max ** (1 / 7)
    sigmas = [(high + i / (steps - 1) * (low - high)) ** 7 for i in range(steps)] + [0.0]
    x = noise(shape).double().numpy() * sigma_max
    for now, then in zip(sigmas, sigmas[1:], strict=False):
        fresh = noise(shape).double().numpy()
        gamma = min(churn / steps, 2**0.5 - 1)
        hat = now * (1 + gamma)
        x = x + math.sqrt(hat**2 - now**2) * fresh
        d = (x - denoised(x, hat)) / hat
        euler = x + (then - hat) * d
        if then == 0:
            x = euler
        else:
            x = x + (then - hat) * (d + (euler - denoised(euler, then)) / then) / 2
    return torch.from_numpy((x - biases) / scales).float()


@pytest.mark.parametrize(("make", "guidance"), [(image_stages, 3), (text_stages, 0)])
def test_two_stages_equal_a_plain_computation(make, guidance):
    """The vector model's stages go with its upsampler's; a grid model stands in, the sampler does not look."""
    base, upsampler = randomize(build(GRID)), randomize(build(UPSAMPLE), seed=1)
    grid = normal(5)((2, 10, 5))
    _, clouds = finish(sample(make(base, upsampler, grid), 2, noise=normal()))

    noise = normal()
    first = plain_stage(base, {"embeddings": grid}, noise, sigma_max=120, churn=3, guidance=3, steps=64)
    conditions = {"embeddings": grid if guidance else grid * 0, "low_res": first}
    second = plain_stage(upsampler, conditions, noise, sigma_max=160, churn=0, guidance=guidance, steps=64)
    expected = torch.cat([first, second], dim=2)
    assert expected.std() > 0.1
    for cloud, wanted in zip(clouds, expected, strict=True):
        np.testing.assert_allclose(cloud.points, wanted[:3].T, atol=2e-3)
        np.testing.assert_allclose(cloud.colors, wanted[3:].T.clamp(0, 255) / 255, atol=2e-3 + 0.5 / 255)


def test_noise_is_drawn_once_for_the_start_and_once_a_step():
    shapes = []

    def noise(shape):
        shapes.append(shape)
        return torch.zeros(shape)

    base, upsampler, config = build(GRID), build(UPSAMPLE), SamplerConfig(steps=3, s_churn=0)
    finish(sample([Stage(base, config), Stage(upsampler, config)], 2, noise=noise))
    assert shapes == [(2, 6, 12)] * 4 + [(2, 6, 30)] * 4


def test_events_tell_the_progress_and_show_the_clouds():
    base, upsampler, config = randomize(build(GRID)), randomize(build(UPSAMPLE)), SamplerConfig(steps=3)
    job = sample([Stage(base, config), Stage(upsampler, config)], 2, generator=torch.Generator().manual_seed(0))
    events, clouds = finish(job)
    assert [(e.stage, e.step, e.steps) for e in events] == [
        (name, step, 3) for name in ("points", "upsample") for step in (1, 2, 3)
    ]
    assert [[len(c.points) for c in e.clouds] for e in events] == [[12, 12]] * 3 + [[42, 42]] * 3
    for shown, made in zip(events[-1].clouds, clouds, strict=True):
        np.testing.assert_array_equal(shown.points, made.points)
    for low, whole in zip(events[2].clouds, clouds, strict=True):
        np.testing.assert_array_equal(low.points, whole.points[:12])
        np.testing.assert_array_equal(low.colors, whole.colors[:12])


def test_a_seed_repeats_a_cloud_and_another_gives_another():
    stages = [Stage(randomize(build(GRID)), SamplerConfig(steps=3))]
    runs = [finish(sample(stages, generator=torch.Generator().manual_seed(s)))[1][0].points for s in (0, 0, 1)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert np.abs(runs[0] - runs[2]).max() > 0.01


def test_sampling_leaves_the_global_generator_alone():
    stage = Stage(build(GRID), SamplerConfig(steps=2))
    before = torch.random.get_rng_state()
    finish(sample([stage], generator=torch.Generator()))
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("given", [{}, {"generator": torch.Generator(), "noise": torch.zeros}])
def test_one_source_of_noise_is_needed(given):
    with pytest.raises(ValueError, match="generator or a noise function"):
        next(sample([Stage(build(GRID), BASE)], **given))


def test_colours_are_those_of_an_image():
    points = torch.tensor([[0.1, 0.2, 0.3, -20.0, 127.6, 300.0]]).T[None]
    (cloud,) = to_point_clouds(points)
    np.testing.assert_allclose(cloud.points, [[0.1, 0.2, 0.3]])
    np.testing.assert_allclose(cloud.colors, [[0, 128 / 255, 1]])


# Gaussians: if x_0 ~ N(m, s^2), D is linear and the flow x(sigma) = m + (x - m) sqrt(s^2 + sigma^2) / ... is known.


def gaussian(mean, std):
    return lambda x, sigma: (std**2 * x + sigma**2 * mean) / (std**2 + sigma**2)


def flow_error(steps):
    """Largest distance from the exact end of the flow, without churn."""
    start = 120 * normal()((1, 1, 1000)).double()
    *_, end = heun(gaussian(0.3, 0.5), start, karras_sigmas(steps, 1e-3, 120.0).double(), torch.zeros)
    exact = 0.3 + (start - 0.3) * 0.5 / math.sqrt(0.5**2 + 120**2)
    return (end - exact).abs().max().item()


def test_heun_follows_the_flow_with_second_order():
    errors = [flow_error(steps) for steps in (64, 128, 256)]
    assert errors[0] < 0.02
    assert errors[0] / errors[1] > 3.5 and errors[1] / errors[2] > 3.5, errors


@pytest.mark.parametrize(("s_churn", "steps"), [(0.0, 64), (3.0, 64), (30.0, 512)])
def test_samples_of_a_gaussian_have_its_mean_and_variance(s_churn, steps):
    """Whatever the churn, if the steps are small against it."""
    count, noise = 40000, normal()
    *_, x0 = heun(gaussian(0.3, 0.5), 120 * noise((1, 1, count)), karras_sigmas(steps, 1e-3, 120.0), noise, s_churn)
    assert x0.mean().item() == pytest.approx(0.3, abs=5 * 0.5 / count**0.5 + 0.5 * 0.3 / 120)
    assert x0.var().item() == pytest.approx(0.25, rel=5 * (2 / count) ** 0.5 + 0.01)


class GaussianModel(torch.nn.Module):
    """The exact denoiser of points ~ N(embedding, STD^2) in the scaled space, behind a denoiser's call."""

    STD = 0.1

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.abar = torch.from_numpy(diffusion_of(config.schedule).alphas_cumprod)
        self.unused = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x, t, embeddings):
        abar = self.abar[t][:, None, None]
        mean = embeddings[:, :, None].double()
        variance = abar * self.STD**2 + 1 - abar
        epsilon = (1 - abar).sqrt() * (x.double() - abar.sqrt() * mean) / variance
        return torch.cat([epsilon, torch.full_like(epsilon, 9.0)], dim=1).float()  # the variance must not matter


@pytest.mark.parametrize(("conditioning", "schedule"), [("grid", "cosine"), ("upsample", "linear")])
@pytest.mark.parametrize("scale", [0.0, 1.0, 3.0])
def test_a_stage_samples_a_guided_gaussian(conditioning, schedule, scale):
    """Guiding a Gaussian of mean m away from one of mean 0 gives one of mean s m; then the scaling is undone."""
    model = GaussianModel(PointDiffusionConfig(conditioning, n_ctx=20000, schedule=schedule))
    stage = Stage(model, SamplerConfig(guidance_scale=scale), {"embeddings": torch.full((1, 6), 0.15)})
    *_, points = sample_stage(stage, 1, normal())
    mean = 0.15 * (scale or 1)
    xyz, rgb = points[0, :3], points[0, 3:]
    assert xyz.mean().item() == pytest.approx(mean / 2, abs=0.005)
    assert xyz.std().item() == pytest.approx(0.1 / 2, rel=0.1)
    assert rgb.mean().item() == pytest.approx((mean + 1) * 127.5, abs=0.01 * 127.5)
    assert rgb.std().item() == pytest.approx(0.1 * 127.5, rel=0.1)


def test_each_branch_is_clamped_before_guidance():
    model = GaussianModel(GRID)
    denoise = guided(model, diffusion_of(GRID.schedule), {"embeddings": torch.full((1, 6), 7.0)}, 3.0)
    x0 = denoise(torch.zeros(1, 6, 12), torch.tensor(50.0))
    torch.testing.assert_close(x0, torch.full_like(x0, 3.0), rtol=0, atol=1e-3)  # 0 + 3 (clamp(7) - 0)
