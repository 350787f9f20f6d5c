"""The distillation gradient against its closed form, for every prediction type and weighting."""

import pytest
import torch

from t2a.distill.sds import WEIGHTINGS, sample_timesteps, sds_gradient, sds_loss
from t2a.priors.condition import Condition, guidance_weights
from t2a.priors.schedule import NoiseSchedule

MEAN, SPREAD = 0.7, 0.4


class GaussianPrior:
    """The exact network for data z ~ N(+-MEAN, SPREAD^2), in each parametrisation: branch 1 knows the sign +, branch
    0 the sign -."""

    def __init__(self, prediction):
        t = torch.arange(1000)
        self.schedule = NoiseSchedule(torch.cos((t + 1) / 1001 * torch.pi / 2).square(), prediction)

    def network(self, z_t, t, mean):
        a = self.schedule.alpha(t, z_t)
        sample = mean + a.sqrt() * SPREAD**2 / (a * SPREAD**2 + 1 - a) * (z_t - a.sqrt() * mean)
        epsilon = (z_t - a.sqrt() * sample) / (1 - a).sqrt()
        return {"sample": sample, "epsilon": epsilon, "v_prediction": a.sqrt() * epsilon - (1 - a).sqrt() * sample}[
            self.schedule.prediction
        ]

    def predict(self, z_t, t, condition):
        outputs = [self.network(z_t, t, sign * MEAN) for sign in (-1, 1)]
        return condition.combine(torch.stack([self.schedule.to_epsilon(o, z_t, t) for o in outputs]))


def closed_form(schedule, z, noise, t, guidance):
    """eps_hat - eps, worked out by hand: eps_hat of a branch is sqrt(1-a) (z_t - sqrt(a) m) / (a s^2 + 1 - a), linear
    in m."""
    a = schedule.alphas_cumprod[t].double()[:, None]
    z_t = a.sqrt() * z.double() + (1 - a).sqrt() * noise.double()
    mean = (1 - guidance) * -MEAN + guidance * MEAN
    return (1 - a).sqrt() * (z_t - a.sqrt() * mean) / (a * SPREAD**2 + 1 - a) - noise.double()


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("guidance", [0.0, 1.0, 7.5])
def test_gradient_equals_closed_form(prediction, weighting, guidance):
    generator = torch.Generator().manual_seed(0)
    prior = GaussianPrior(prediction)
    z, noise = torch.randn(64, 5, generator=generator), torch.randn(64, 5, generator=generator)
    t = torch.linspace(20, 980, 64).long()
    condition = Condition((), guidance_weights(guidance, 64))
    gradient = sds_gradient(prior, z, condition, t, noise, weighting)
    a = prior.schedule.alphas_cumprod[t].double()[:, None]
    weight = {
        "uniform": torch.ones_like(a),
        "sigma": 1 - a,
        "sample": ((1 - a) / a).sqrt(),
        "fantasia": a.sqrt() * (1 - a),
    }[weighting]
    expected = weight * closed_form(prior.schedule, z, noise, t, guidance)
    torch.testing.assert_close(gradient.double(), expected, rtol=2e-3, atol=2e-3)


def test_sample_weighting_is_the_loss_on_the_clean_picture():
    generator = torch.Generator().manual_seed(0)
    prior = GaussianPrior("epsilon")
    z, noise = torch.randn(8, 5, generator=generator), torch.randn(8, 5, generator=generator)
    t = torch.full((8,), 500)
    condition = Condition((), guidance_weights(1.0, 8))
    z_t = prior.schedule.add_noise(z, noise, t)
    clean = prior.schedule.to_sample(prior.predict(z_t, t, condition), z_t, t)
    torch.testing.assert_close(sds_gradient(prior, z, condition, t, noise, "sample"), z - clean, rtol=1e-4, atol=1e-4)


def test_loss_hands_the_gradient_through():
    z = torch.randn(4, 3, generator=torch.Generator().manual_seed(0), requires_grad=True)
    gradient = torch.randn(4, 3, generator=torch.Generator().manual_seed(1))
    sds_loss(z, gradient).backward()
    torch.testing.assert_close(z.grad, gradient / 4)


def test_timesteps_stay_in_their_range():
    t = sample_timesteps(0.3, 0.6, 10_000, 1000, torch.Generator().manual_seed(0))
    assert t.min() >= 300 and t.max() < 600
    assert abs(t.float().mean() - 450) < 5
