"""The published architectures: counts, names, shapes, and outputs equal to an independent computation."""

import numpy as np
import pytest
import torch

from t2a.errors import UserError
from t2a.priors.point_e import build
from t2a.priors.point_e.configs import CONFIGS, FILES, PointDiffusionConfig, SdfConfig
from t2a.priors.point_e.sdf import signed_distance
from t2a.types import PointCloud
from tests.priors.point_e.reference import Reference, randomize

PUBLISHED = {  # parameters, buffer values
    "base40M-uncond": (39_940_108, 0),
    "base40M-textvec": (40_333_836, 0),
    "base40M-imagevec": (40_333_836, 0),
    "base40M": (40_466_956, 0),
    "base300M": (311_778_316, 0),
    "base1B": (1_244_311_564, 0),
    "upsample": (40_470_540, 12),
    "sdf": (9_481_985, 0),
}
SIZES = {"base300M": (1024, 24), "base1B": (2048, 24)}  # width, layers; the others are 512, 12


def on_meta(name):
    with torch.device("meta"):
        return build(name)


def draw(*shape, seed=1):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def close(ours, reference):
    np.testing.assert_allclose(ours.detach().numpy(), reference, rtol=1e-4, atol=1e-4)
    assert np.abs(reference).mean() > 0.1, "an output of about zero would be close to anything"


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameter_counts_are_the_published_ones(name):
    model = on_meta(name)
    assert (sum(p.numel() for p in model.parameters()), sum(b.numel() for b in model.buffers())) == PUBLISHED[name]


def test_every_published_model_is_there():
    assert set(CONFIGS) == set(FILES) == set(PUBLISHED)


def layer(name, outputs, inputs):
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def norm(name, width):
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def mlp(name, width):
    return layer(f"{name}.c_fc", 4 * width, width) | layer(f"{name}.c_proj", width, 4 * width)


def blocks(name, width, layers):
    keys = {}
    for i in range(layers):
        at = f"{name}.resblocks.{i}"
        keys |= layer(f"{at}.attn.c_qkv", 3 * width, width) | layer(f"{at}.attn.c_proj", width, width)
        keys |= mlp(f"{at}.mlp", width) | norm(f"{at}.ln_1", width) | norm(f"{at}.ln_2", width)
    return keys


def published_layout(name):
    if name == "sdf":
        keys = layer("encoder_input_proj", 256, 3) | blocks("encoder", 256, 8) | layer("decoder_input_proj", 256, 3)
        for i in range(4):
            at = f"decoder.resblocks.{i}"
            keys |= layer(f"{at}.attn.c_q", 256, 256) | layer(f"{at}.attn.c_kv", 512, 256)
            keys |= layer(f"{at}.attn.c_proj", 256, 256) | mlp(f"{at}.mlp", 256)
            keys |= norm(f"{at}.ln_1", 256) | norm(f"{at}.ln_2", 256) | norm(f"{at}.ln_3", 256)
        return keys | norm("ln_post", 256) | layer("output_proj", 1, 256)
    width, layers = SIZES.get(name, (512, 12))
    keys = mlp("time_embed", width) | norm("ln_pre", width) | blocks("backbone", width, layers)
    keys |= norm("ln_post", width) | layer("input_proj", width, 6) | layer("output_proj", 12, width)
    if name in ("base40M-textvec", "base40M-imagevec"):
        keys |= layer("clip_embed", width, 768)
    elif name != "base40M-uncond":
        keys |= norm("clip_embed.0", 1024) | layer("clip_embed.1", width, 1024)
    if name == "upsample":
        keys |= layer("cond_point_proj", width, 6) | {"channel_scales": (6,), "channel_biases": (6,)}
    return keys


@pytest.mark.parametrize("name", PUBLISHED)
def test_state_dicts_have_the_published_names_and_shapes(name):
    assert {key: tuple(value.shape) for key, value in on_meta(name).state_dict().items()} == published_layout(name)


def small(conditioning, **changes):
    sizes = {"width": 48, "layers": 2, "heads": 3, "n_ctx": 20, "clip_width": 10, "clip_tokens": 5}
    return PointDiffusionConfig(conditioning, **sizes | changes)


T = torch.tensor([3, 1000])


def test_unconditional_model():
    model = randomize(build(small("none")))
    x = draw(2, 6, 20)
    close(model(x, T), Reference(model).unconditional(x.numpy(), T.numpy(), 2, 3))


def test_vector_model():
    model = randomize(build(small("vector")))
    x, clip = draw(2, 6, 20), torch.nn.functional.normalize(draw(2, 10, seed=2), dim=1)
    close(model(x, T, embeddings=clip), Reference(model).vector(x.numpy(), T.numpy(), clip.numpy(), 2, 3))


def test_grid_model():
    model = randomize(build(small("grid")))
    x, clip = draw(2, 6, 20), draw(2, 10, 5, seed=2)
    close(model(x, T, embeddings=clip), Reference(model).grid(x.numpy(), T.numpy(), clip.numpy(), 2, 3))


def test_upsampler():
    model = randomize(build(small("upsample")))
    x, clip, low = draw(2, 6, 20), draw(2, 10, 5, seed=2), draw(2, 6, 7, seed=3)
    low = torch.cat([low[:, :3] / 4, (low[:, 3:] * 60 + 128).clamp(0, 255)], dim=1)
    reference = Reference(model).upsample(x.numpy(), T.numpy(), clip.numpy(), low.numpy(), 2, 3)
    close(model(x, T, embeddings=clip, low_res=low), reference)


def test_signed_distance_model():
    config = SdfConfig(width=32, encoder_layers=2, encoder_heads=2, decoder_layers=3, decoder_heads=4)
    model = randomize(build(config))
    queries, points = draw(2, 3, 9), draw(2, 3, 20, seed=2)
    close(model(queries, points), Reference(model).sdf(queries.numpy(), points.numpy(), config))


def test_signed_distance_of_a_cloud_is_the_model_in_batches():
    config = SdfConfig(width=32, encoder_layers=1, encoder_heads=2, decoder_layers=1, decoder_heads=2)
    model = randomize(build(config))
    queries, points = draw(11, 3), draw(20, 3, seed=2)
    field = signed_distance(model, PointCloud(points.numpy()), batch=4)
    whole = model(queries.T[None], points.T[None])[0]
    np.testing.assert_allclose(field(queries.numpy()), whole.detach().numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_the_published_size():
    model = randomize(build("base40M-textvec"))
    x, clip = draw(1, 6, 1024), torch.nn.functional.normalize(draw(1, 768, seed=2), dim=1)
    t = torch.tensor([700])
    with torch.no_grad():
        ours = model(x, t, embeddings=clip)
    close(ours, Reference(model, np.float32).vector(x.numpy(), t.numpy(), clip.numpy(), 12, 8))


@pytest.mark.parametrize(
    ("conditioning", "order"),
    [("none", "time"), ("vector", "clip time"), ("grid", "time clip"), ("upsample", "time clip low_res")],
)
def test_tokens_come_in_the_published_order(conditioning, order):
    """Attention does not see the order, so it is looked at on the way in."""
    model = randomize(build(small(conditioning)))
    x, clip, low = draw(2, 6, 20), draw(*(2, 10) if conditioning == "vector" else (2, 10, 5), seed=2), draw(2, 6, 7)
    given = {"clip": {"embeddings": clip}, "low_res": {"low_res": low}}
    seen = []
    model.ln_pre.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach().numpy()))
    model(x, T, **{key: value for name in order.split() for key, value in given.get(name, {}).items()})

    reference = Reference(model)
    low = low.numpy().transpose(0, 2, 1) * [2, 2, 2, 0.00784314, 0.00784314, 0.00784314] + [0, 0, 0, -1, -1, -1]
    tokens = {
        "time": lambda: reference.time(T.numpy())[:, None],
        "clip": lambda: (
            reference.linear(clip.numpy() * 10**0.5, "clip_embed")[:, None]
            if conditioning == "vector"
            else reference.patches(clip.numpy())
        ),
        "low_res": lambda: reference.linear(low, "cond_point_proj"),
    }
    points = reference.linear(x.numpy().transpose(0, 2, 1), "input_proj")
    expected = np.concatenate([*(tokens[name]() for name in order.split()), points], axis=1)
    np.testing.assert_allclose(seen[0], expected, rtol=1e-4, atol=1e-4)


def test_points_are_a_set():
    """No positional encoding: permuted points give permuted predictions."""
    model = randomize(build(small("grid")))
    x, clip, order = draw(2, 6, 20), draw(2, 10, 5, seed=2), torch.randperm(20, generator=torch.Generator())
    torch.testing.assert_close(
        model(x[..., order], T, embeddings=clip), model(x, T, embeddings=clip)[..., order], rtol=1e-4, atol=1e-4
    )


def test_a_new_denoiser_predicts_zero():
    model = build(small("vector"))
    assert not model(draw(2, 6, 20), T).any()


@pytest.mark.parametrize("conditioning", ["vector", "grid", "upsample"])
def test_what_is_not_given_is_zero(conditioning):
    model = randomize(build(small(conditioning)))
    shape = (2, 10) if conditioning == "vector" else (2, 10, 5)
    more = {"low_res": draw(2, 6, 7)} if conditioning == "upsample" else {}
    without, zeros = (model(draw(2, 6, 20), T, **c, **more) for c in ({}, {"embeddings": torch.zeros(shape)}))
    told = model(draw(2, 6, 20), T, embeddings=draw(*shape), **more)
    assert torch.equal(without, zeros)
    assert (told - zeros).abs().max() > 1e-2


@pytest.mark.parametrize(
    ("conditioning", "conditions", "words"),
    [
        ("vector", {"embeddings": torch.zeros(2, 11)}, "embeddings are"),
        ("grid", {"embeddings": torch.zeros(2, 5, 10)}, "embeddings are"),
        ("vector", {"texts": ["a", "b"]}, "need a CLIP model"),
        ("vector", {"texts": ["a", "b"], "embeddings": torch.zeros(2, 10)}, "give one of them"),
        ("grid", {"low_res": torch.zeros(2, 6, 7)}, "only the upsampler"),
        ("upsample", {}, "needs low_res"),
    ],
)
def test_wrong_conditions_are_named(conditioning, conditions, words):
    with pytest.raises(ValueError, match=words):
        build(small(conditioning))(draw(2, 6, 20), T, **conditions)


def test_wrong_number_of_points_is_named():
    with pytest.raises(ValueError, match=r"takes \[batch, 6, 20\]"):
        build(small("none"))(draw(2, 6, 21), T)


def test_unknown_name_is_a_user_error():
    with pytest.raises(UserError, match="base40M-textvec"):
        build("base40m")
