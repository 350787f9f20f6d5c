from __future__ import annotations

import numpy as np

from t2a.colors import linear_to_srgb, srgb_to_linear


def test_srgb_is_the_standard_s():
    """Its ends, where its straight and its curved part meet, and middle grey."""
    np.testing.assert_allclose(
        linear_to_srgb(np.array([0.0, 0.0031308, 0.214041, 1.0])), [0, 0.04045, 0.5, 1], atol=1e-4
    )


def test_one_undoes_the_other_and_what_lies_outside_is_brought_in():
    color = np.linspace(0, 1, 256)
    np.testing.assert_allclose(srgb_to_linear(linear_to_srgb(color)), color, atol=1e-4)
    for convert in (srgb_to_linear, linear_to_srgb):
        np.testing.assert_allclose(convert(np.array([-1.0, 2.0])), [0, 1], atol=1e-12)
