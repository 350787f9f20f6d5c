"""Muon: orthogonal steps, the same in one process as in several, in the size of AdamW's."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from t2a.pocket.train.common import optimizers_of
from t2a.pocket.train.muon import Muon, is_matrix, orthogonal, split


@pytest.mark.parametrize("shape", [(48, 48), (32, 200), (200, 32)])
def test_singular_values_are_moved_to_one_and_their_vectors_kept(shape):
    g = torch.Generator().manual_seed(0)
    x = torch.randn(2, *shape, generator=g)
    u, s, vh = torch.linalg.svd(x, full_matrices=False)
    made = orthogonal(x).float()
    # In the basis of x's own singular vectors the result is diagonal.
    inner = u.mT @ made @ vh.mT
    diagonal = inner.diagonal(dim1=1, dim2=2)
    large = s > 0.05 * s[:, :1]
    assert diagonal[large].min() > 0.6 and diagonal[large].max() < 1.3
    off = inner - torch.diag_embed(diagonal)
    assert off.abs().max() < 0.05
    assert made.shape == x.shape


def test_its_size_does_not_depend_on_the_gradient_s():
    x = torch.randn(1, 40, 60, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(orthogonal(x), orthogonal(1000 * x), atol=0.06, rtol=0)


def test_steps_are_as_large_as_adamw_s():
    """0.2 in root mean square, in units of the learning rate: what AdamW's steps are in practice."""
    for shape in ((64, 64), (64, 256), (96, 32, 3, 3)):
        p = nn.Parameter(torch.zeros(shape))
        p.grad = torch.randn(shape, generator=torch.Generator().manual_seed(0))
        Muon([p], lr=1e-2, weight_decay=0.0).step()
        assert p.detach().square().mean().sqrt() == pytest.approx(0.2 * 1e-2, rel=0.35)


def test_it_learns_a_badly_scaled_problem_sooner_than_gradient_descent():
    """All directions at the same pace, though their curvatures are 1 to 1e-4, the squares of these scales."""
    target = torch.randn(32, 32, generator=torch.Generator().manual_seed(0))
    scales = torch.logspace(0, -2, 32)

    def error(make) -> float:
        p = nn.Parameter(torch.zeros(32, 32))
        optimizer = make([p])
        for step in range(200):
            for group in optimizer.param_groups:
                group["lr"] = 0.3 * (1 - step / 200)
            ((p - target) * scales).square().sum().backward()
            optimizer.step()
            p.grad = None
        return float((p.detach() - target).square().mean())

    assert error(lambda p: Muon(p, 0.3, weight_decay=0.0)) < 0.1 * error(lambda p: torch.optim.SGD(p, 0.3))


def test_what_is_a_matrix():
    model = nn.ModuleDict(
        {
            "token_embedding": nn.Embedding(100, 64),
            "conv_in": nn.Conv2d(40, 64, 3),
            "conv": nn.Conv2d(64, 64, 3),
            "narrow": nn.Linear(64, 12),
            "norm": nn.LayerNorm(64),
        }
    )
    names = [name for name, p in model.named_parameters() if is_matrix(name, p)]
    assert names == ["conv.weight"]
    adamw, muon = optimizers_of(model, 1e-3, muon=True)
    learnt = [p for o in (adamw, muon) for group in o.param_groups for p in group["params"]]
    assert sorted(map(id, learnt)) == sorted(map(id, model.parameters()))
    assert len(optimizers_of(model, 1e-3, muon=False)) == 1


def test_work_is_split_evenly_and_completely():
    costs = [7, 3, 3, 2, 2, 1]
    groups = split(costs, 2)
    assert sorted(groups[0] + groups[1]) == list(range(6))
    assert abs(sum(costs[i] for i in groups[0]) - sum(costs[i] for i in groups[1])) <= 1
    assert split(costs, 1) == [sorted(range(6), key=lambda i: -costs[i])]
