"""Score distillation from an exact prior finds the shape that the prior knows."""

import pytest
import torch

from t2a.cameras import orbit
from t2a.errors import UserError
from t2a.eval.recovery import MIN_IOU, MIN_PSNR, SHAPES, AnalyticPrior, Recovery, recover, recovery_config
from t2a.pocket.captions import Spec
from t2a.pocket.world import scene


def test_the_analytic_denoiser_is_the_posterior_mean():
    """Against Monte Carlo: regress the noise on z_t at one pixel."""
    prior = AnalyticPrior(scene(0, spec=Spec((SHAPES["sphere"],))), size=8, spread=0.5)
    condition = prior.condition([""], "", orbit(0, 0), 1.0)
    mean = prior.encode(condition.contexts[0].unflatten(2, (-1, 3)))
    generator = torch.Generator().manual_seed(0)
    count = 20_000
    z = mean + 0.5 * torch.randn(count, *mean.shape[1:], generator=generator)
    noise = torch.randn(z.shape, generator=generator)
    t = torch.full((count,), 400)
    z_t = prior.schedule.add_noise(z, noise, t)
    error = noise - prior.predict(z_t, t, condition)
    assert error.mean(0).abs().max() < 0.05, "unbiased"
    # Orthogonality: what is left over does not correlate with what was seen.
    assert ((error * (z_t - z_t.mean(0))).mean(0)).abs().max() < 0.05


def test_unknown_shape_is_one_sentence():
    with pytest.raises(UserError, match="sphere, torus, chair"):
        next(recover("teapot", recovery_config()))


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_known_shapes_are_recovered(shape):
    (found,) = [e for e in recover(shape, recovery_config()) if isinstance(e, Recovery)]
    assert found.iou >= MIN_IOU and found.psnr >= MIN_PSNR, f"IoU {found.iou:.3f}, PSNR {found.psnr:.1f} dB"
