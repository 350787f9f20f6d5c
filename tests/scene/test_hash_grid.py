from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from t2a.errors import UserError
from t2a.scene import HashGrid


def filled(seed: int = 0, **options) -> HashGrid:
    torch.manual_seed(seed)
    grid = HashGrid(**{"levels": 5, "base_resolution": 4, "finest_resolution": 40, "log2_table_size": 10, **options})
    grid.table.data.normal_()
    return grid


def points(n: int = 5000, seed: int = 1) -> torch.Tensor:
    x = torch.rand(n, 3, generator=torch.Generator().manual_seed(seed)) * 1.1 - 0.05  # some outside the cube
    x[:2] = torch.tensor([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    return x


@pytest.mark.parametrize("features", [1, 2, 4])
@pytest.mark.parametrize("active", [5, 3])
def test_numba_equals_torch_in_value_and_gradient(features, active):
    grid = filled(features=features)
    assert grid.dense.any() and not grid.dense.all()
    grid.active = active
    upstream = torch.randn(grid.width, 5000, generator=torch.Generator().manual_seed(2))
    results = []
    for backend in ("numba", "torch"):
        grid.backend, grid.table.grad = backend, None
        x = points().requires_grad_()
        y = grid.encode(x)
        y.backward(upstream)
        results.append(
            (y.detach(), grid.table.grad.clone(), x.grad[2:])
        )  # at the cube's corners the slope has two values
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=2e-5 * float(b.abs().max()))


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_a_dense_level_reproduces_a_linear_function(backend):
    grid = HashGrid(1, 3, 8, 8, 12, backend=backend)
    axis = torch.arange(9) / 8
    z, y, x = torch.meshgrid(axis, axis, axis, indexing="ij")  # x runs fastest
    grid.table.data = torch.stack([x, y, z], -1).reshape(-1, 3).contiguous()
    inside = points().clamp(0, 1)
    torch.testing.assert_close(grid(inside), inside, rtol=0, atol=1e-6)


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_interpolation_weights_sum_to_one(backend):
    grid = filled(backend=backend)
    grid.table.data.fill_(1)
    torch.testing.assert_close(grid(points()), torch.ones(5000, grid.width), rtol=0, atol=1e-6)


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_inactive_levels_are_silent_and_untouched(backend):
    grid = filled(backend=backend)
    grid.active = 2
    y = grid(points())
    y.sum().backward()
    assert (y[:, 4:] == 0).all() and (y[:, :4] != 0).any()
    assert (grid.table.grad[grid.offsets[2] :] == 0).all()
    again = filled()
    again.load_state_dict(grid.state_dict())
    assert again.active == 2


def test_the_number_of_threads_does_not_change_a_bit():
    grid, before = filled(), torch.get_num_threads()
    gradients = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            grid.table.grad = None
            grid.encode(points(20_000)).sin().sum().backward()
            gradients.append(grid.table.grad)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*gradients)


def test_no_points():
    grid = filled()
    y = grid(torch.zeros(0, 3))
    assert y.shape == (0, grid.width)
    y.sum().backward()
    assert (grid.table.grad == 0).all()


def test_errors_name_the_remedy():
    with pytest.raises(UserError, match="at least one level"):
        HashGrid(base_resolution=64, finest_resolution=32)
    with pytest.raises(UserError, match="float32 tensors on the CPU"):
        HashGrid(backend="numba")(torch.zeros(1, 3, dtype=torch.float64))
    with pytest.raises(UserError, match="auto, numba or torch"):
        HashGrid(backend="cuda")(torch.zeros(1, 3))


@pytest.mark.parametrize(
    "launch",
    [
        "from t2a.scene.hash_grid import HashGrid; HashGrid(2, backend='numba').encode(torch.rand(9, 3))",
        "from t2a.pocket.world import scene; from t2a.cameras import turntable; scene(0, 0).render(turntable(1), 8)",
    ],
)
def test_kernels_leave_torch_its_number_of_threads(launch):
    # In a process of its own: numba's threading layer starts with the first kernel.
    program = f"import torch; torch.set_num_threads(1)\n{launch}\nprint(torch.get_num_threads())"
    environment = {**os.environ, "NUMBA_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1"]
