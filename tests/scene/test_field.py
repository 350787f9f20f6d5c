from __future__ import annotations

import pytest
import torch

from t2a.errors import UserError
from t2a.scene import Blob, Constant, Field, HashGrid, Voxels


def field(**options) -> Field:
    torch.manual_seed(0)
    return Field(HashGrid(levels=4, finest_resolution=64), **options)


def sphere(x):
    return 40 * (0.6 - x.norm(dim=-1))


def on_sphere(n: int = 2000, radius: float = 0.6) -> torch.Tensor:
    x = torch.randn(n, 3, generator=torch.Generator().manual_seed(0))
    return torch.nn.functional.normalize(x, dim=-1) * radius


def test_normals_of_a_sphere_point_outward():
    x = on_sphere()
    n = field(initialisation=sphere).normals(x)
    torch.testing.assert_close(n.norm(dim=-1), torch.ones(len(x)))
    assert (n * x / 0.6).sum(-1).min() > 0.995


def test_normals_carry_gradient_to_the_density():
    f = field()
    f.normals(on_sphere())[:, 0].sum().backward()
    assert f.grid.table.grad.abs().max() > 0


@pytest.mark.parametrize("activation", ["softplus", "trunc_exp"])
@pytest.mark.parametrize("layers", [0, 2])
def test_density_is_never_negative_and_zero_outside(activation, layers):
    f = field(activation=activation, layers=layers, bound=0.8)
    x = torch.rand(1000, 3, generator=torch.Generator().manual_seed(0)) * 2 - 1
    density, color = f(x)
    outside = x.abs().amax(-1) > 0.8
    assert (density[outside] == 0).all() and (density[~outside] > 0).all()
    assert ((color >= 0) & (color <= 1)).all() and color.shape == (1000, 3)
    torch.testing.assert_close(f.density(x), density)


def test_truncated_exp_survives_extremes():
    f = field(activation="trunc_exp", initialisation=Constant(1000.0))
    density = f.density(torch.zeros(4, 3))
    density.sum().backward()
    assert density.isfinite().all() and f.grid.table.grad.isfinite().all()


def test_latent_fields_have_raw_channels():
    f = field(latent=True, channels=4)
    f.decoder.layers[-1].bias.data.fill_(7.0)
    assert (f(torch.zeros(1, 3))[1] > 5).all()


def test_blob_is_threestudios():
    x = torch.tensor([[0.0, 0, 0], [0.5, 0, 0], [0, 1.0, 0]])
    torch.testing.assert_close(Blob()(x), torch.tensor([10.0, 0.0, -10.0]))


def test_voxels_interpolate_a_linear_function_and_travel_in_the_state():
    axis = torch.linspace(-1, 1, 9)
    x, y, z = torch.meshgrid(axis, axis, axis, indexing="ij")
    voxels = Voxels(x + 2 * y + 3 * z)
    p = torch.rand(100, 3, generator=torch.Generator().manual_seed(0)) * 2 - 1
    torch.testing.assert_close(voxels(p), p @ torch.tensor([1.0, 2.0, 3.0]))
    assert any("values" in name for name in field(initialisation=voxels).state_dict())


def test_unknown_activation():
    with pytest.raises(UserError, match="softplus or trunc_exp"):
        field(activation="relu")
