"""Random streams: repeatable, and apart from each other whatever numbers name them."""

import torch

from t2a.seeds import stream


def test_streams_repeat_and_differ():
    def draw(*numbers):
        return tuple(torch.rand(4, generator=stream(*numbers)).tolist())

    assert draw(3, 1) == draw(3, 1)
    names = [(0,), (1,), (0, 0), (0, 1), (1, 0), (1, 1), (2**31 - 1, 0), (2**40, 0)]
    assert len({draw(*name) for name in names}) == len(names)
