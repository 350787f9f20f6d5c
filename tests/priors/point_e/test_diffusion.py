"""The noise: schedules, their inverses, and the way back's variance, each against its closed form."""

import math

import numpy as np
import pytest
import torch

from t2a.priors.point_e.configs import CONFIGS
from t2a.priors.point_e.diffusion import Diffusion, diffusion_of, scale, unscale

BASE, UPSAMPLE = (diffusion_of(CONFIGS[name].schedule) for name in ("base40M", "upsample"))
both = pytest.mark.parametrize("diffusion", [BASE, UPSAMPLE], ids=["cosine", "linear"])


def draw(*shape, seed=1):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_base_schedule_is_a_squared_cosine():
    def f(t):
        return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2

    assert len(BASE) == 1024
    # The last beta alone is held at 0.999.
    expected = np.array([f((i + 1) / 1024) / f(0) for i in range(1023)])
    np.testing.assert_allclose(BASE.alphas_cumprod[:-1], expected, rtol=1e-9)
    assert BASE.betas[-1] == 0.999
    assert BASE.betas[:-1].max() < 0.999


def test_upsampler_schedule_is_linear_and_scaled_to_1024_steps():
    assert len(UPSAMPLE) == 1024
    assert UPSAMPLE.betas[0] == pytest.approx(1e-4 * 1000 / 1024)
    assert UPSAMPLE.betas[-1] == pytest.approx(0.02 * 1000 / 1024)
    np.testing.assert_allclose(np.diff(UPSAMPLE.betas), (0.02 - 1e-4) * 1000 / 1024 / 1023, rtol=1e-6)


@pytest.mark.parametrize("name", [name for name in CONFIGS if name not in ("upsample", "sdf")])
def test_every_base_model_has_the_cosine(name):
    np.testing.assert_array_equal(diffusion_of(CONFIGS[name].schedule).betas, BASE.betas)


def test_scaling_maps_positions_and_colours_to_the_unit_cube():
    corners = torch.tensor([[-0.5, 0.0, 0.5, 0.0, 127.5, 255.0], [0.5, 0.25, -0.25, 255.0, 0.0, 51.0]]).T[None]
    expected = torch.tensor([[-1, 0, 1, -1, 0, 1], [1, 0.5, -0.5, 1, -1, -0.6]]).T[None]
    torch.testing.assert_close(scale(corners), expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(unscale(scale(corners)), corners, rtol=1e-6, atol=1e-4)


@both
def test_x0_comes_back_from_its_noise(diffusion):
    x0, noise, t = draw(3, 6, 8).clamp(-1, 1), draw(3, 6, 8, seed=2), torch.tensor([0, 400, 700])
    torch.testing.assert_close(diffusion.to_x0(noise, diffusion.add_noise(x0, noise, t), t), x0, rtol=1e-4, atol=1e-4)


@both
def test_noise_has_the_schedule_s_variance(diffusion):
    t = torch.tensor([600])
    noisy = diffusion.add_noise(torch.zeros(1, 6, 20000), draw(1, 6, 20000), t)
    assert noisy.var().item() == pytest.approx(1 - diffusion.alphas_cumprod[600], rel=0.02)


def test_x0_is_clamped():
    t = torch.tensor([0])
    assert BASE.to_x0(torch.zeros(1, 6, 1), torch.full((1, 6, 1), 5.0), t).eq(1).all()
    assert BASE.to_x0(torch.zeros(1, 6, 1), torch.full((1, 6, 1), -5.0), t).eq(-1).all()


@both
@pytest.mark.parametrize("t", [1, 37, 500, 1023])
def test_learned_variance_lies_between_the_posterior_s_and_beta(diffusion, t):
    """The posterior by Bayes: q(x_{t-1} | x_0) times q(x_t | x_{t-1}), two Gaussians whose precisions add up."""
    beta, before = diffusion.betas[t], diffusion.alphas_cumprod[t - 1]
    posterior = 1 / ((1 - beta) / beta + 1 / (1 - before))
    place = torch.tensor([-1.0, 0.0, 1.0]).expand(1, 6, 3)
    low, middle, high = diffusion.log_variance(place, torch.tensor([t]))[0, 0].tolist()
    assert low == pytest.approx(math.log(posterior), rel=1e-5)
    assert high == pytest.approx(math.log(beta), rel=1e-5)
    assert middle == pytest.approx((low + high) / 2, rel=1e-5)


def test_learned_variance_is_finite_at_the_last_step():
    first, second = (BASE.log_variance(torch.full((1, 6, 1), -1.0), torch.tensor([t])) for t in (0, 1))
    assert torch.equal(first, second)


@both
def test_timestep_is_the_inverse_of_sigma_cut_off(diffusion: Diffusion):
    """Between two steps, a sigma belongs to the earlier one."""
    abar = diffusion.alphas_cumprod
    for t in (0, 1, 200, 777, 1000, 1020):
        between = (abar[t] + abar[t + 1]) / 2
        assert diffusion.timestep(torch.tensor(math.sqrt(1 / between - 1))) == t
    assert diffusion.timestep(torch.tensor(1e-3)) == 0
    assert diffusion.timestep(torch.tensor(1e6)) == 1023
