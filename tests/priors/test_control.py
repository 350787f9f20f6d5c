"""ControlNets: a new one changes nothing, several add up as in diffusers, each counts where and as much as asked;
bad input is a sentence."""

import dataclasses
import json

import pytest
import torch
from diffusers import MultiControlNetModel

from t2a import pocket
from t2a.cameras import orbit
from t2a.errors import UserError
from t2a.mesh.maps import KINDS
from t2a.priors.control import Control, ControlChoice, beside, load_controlnet, parse_controls, residuals
from t2a.priors.latent import load_latent


@pytest.fixture(scope="module")
def prior():
    return load_latent(pocket.path(), offline=True)


def net_of(prior, seed):
    """As if it had been trained: nothing is zero any more."""
    torch.manual_seed(seed)
    net = beside(prior.unet, (16, 32, 64, 96)).requires_grad_(False).eval()
    for parameter in net.parameters():
        parameter.add_(0.02 * torch.randn_like(parameter))
    return net


@pytest.fixture(scope="module")
def nets(prior):
    return net_of(prior, 0), net_of(prior, 1)


@pytest.fixture(scope="module")
def asked(prior):
    generator = torch.Generator().manual_seed(0)
    z, maps = torch.randn(2, 12, 16, 16, generator=generator), torch.rand(2, 128, 128, 3, generator=generator)
    condition = prior.condition(["a red ball", "a blue chair"], "", orbit([0, 90], 20), 2.0)
    return z, torch.tensor([300, 800]), maps, condition


def shown(condition, *controls):
    return dataclasses.replace(condition, controls=controls)


def test_a_new_net_is_the_encoders_copy_and_changes_nothing(prior, asked):
    z, t, maps, condition = asked
    net = beside(prior.unet).eval()
    for name, value in net.down_blocks.state_dict().items():
        assert torch.equal(value, prior.unet.down_blocks.state_dict()[name]), name
    assert net.add_embedding.pool.num_heads == prior.unet.add_embedding.pool.num_heads
    plain = prior.predict(z, t, condition)
    with torch.no_grad():
        steered = prior.predict(z, t, shown(condition, Control.of(ControlChoice("depth"), net, maps, 128)))
    torch.testing.assert_close(steered, plain)


def test_several_add_up_as_in_diffusers(prior, nets, asked):
    z, t, maps, condition = asked
    controls = [Control.of(ControlChoice("depth", scale=s), net, m, 128) for net, m, s in
                zip(nets, (maps, 1 - maps), (0.7, 1.3), strict=True)]  # fmt: skip
    context = condition.contexts[1]
    found = residuals(controls, z, t, context, len(prior.schedule))
    images = [control.image for control in controls]
    down, middle = MultiControlNetModel(nets)(z, t, context, images, [0.7, 1.3], return_dict=False)
    torch.testing.assert_close(found["mid_block_additional_residual"], middle)
    for a, b in zip(found["down_block_additional_residuals"], down, strict=True):
        torch.testing.assert_close(a, b)
    epsilons = []
    for branch in condition.contexts:
        down, middle = MultiControlNetModel(nets)(z, t, branch, images, [0.7, 1.3], return_dict=False)
        output = prior.unet(
            z, t, branch, down_block_additional_residuals=down, mid_block_additional_residual=middle
        ).sample
        epsilons.append(prior.schedule.to_epsilon(output, z, t))
    expected = epsilons[0] + 2.0 * (epsilons[1] - epsilons[0])
    torch.testing.assert_close(prior.predict(z, t, shown(condition, *controls)), expected, rtol=1e-3, atol=1e-4)


def test_guidance_strengthens_a_guided_map_as_it_does_the_text(prior, nets, asked):
    z, t, maps, condition = asked
    control = Control.of(ControlChoice("depth", scale=0.7), nets[0], maps, 128, guided=True)

    def alone(branch, *controls):
        one = dataclasses.replace(condition, contexts=(condition.contexts[branch],), weights=torch.ones(1, 2))
        return prior.predict(z, t, dataclasses.replace(one, controls=controls))

    without, told = alone(0), alone(1, control)
    assert (told - alone(1)).abs().max() > 1e-2
    found = prior.predict(z, t, shown(condition, control))
    torch.testing.assert_close(found, without + 2.0 * (told - without), rtol=1e-3, atol=1e-4)
    # The branches one after the other: what the empty text has fewer tokens of is as good as cut off.
    shorter = dataclasses.replace(condition, contexts=(condition.contexts[0][:, :4], condition.contexts[1]))
    nothing = dataclasses.replace(shorter, contexts=(shorter.contexts[0],), weights=torch.ones(1, 2))
    without = prior.predict(z, t, nothing)
    found = prior.predict(z, t, shown(shorter, control))
    torch.testing.assert_close(found, without + 2.0 * (told - without), rtol=1e-3, atol=1e-4)


def test_a_guided_map_says_nothing_of_pure_noise(prior, nets, asked):
    z, _, maps, condition = asked
    control = Control.of(ControlChoice("depth"), nets[0], maps, 128, guided=True)
    noise, later = torch.tensor([999, 999]), torch.tensor([949, 949])
    assert torch.equal(prior.predict(z, noise, shown(condition, control)), prior.predict(z, noise, condition))
    assert not torch.allclose(prior.predict(z, later, shown(condition, control)), prior.predict(z, later, condition))


def test_a_map_counts_for_its_part_of_the_way(prior, nets, asked):
    z, t, maps, condition = asked  # t = 300 is 70 % of the way from noise to picture, 800 is 20 %
    plain = prior.predict(z, t, condition)
    early = Control.of(ControlChoice("depth", end=0.5), nets[0], maps, 128)
    late = Control.of(ControlChoice("depth", start=0.5), nets[0], maps, 128)
    for control, changed in ((early, 1), (late, 0)):
        found = prior.predict(z, t, shown(condition, control))
        assert (found[changed] - plain[changed]).abs().max() > 1e-3
        torch.testing.assert_close(found[1 - changed], plain[1 - changed])
    assert residuals([dataclasses.replace(early, end=0.1)], z, t, condition.contexts[0], 1000) == {}


def test_maps_are_brought_to_the_pictures_size(nets):
    maps = torch.rand(1, 200, 200, 3, generator=torch.Generator().manual_seed(0))
    control = Control.of(ControlChoice("depth"), nets[0], maps, 128)
    assert control.image.shape == (1, 3, 128, 128)
    torch.testing.assert_close(control.image.mean((2, 3)), maps.mean((1, 2)), atol=0.01, rtol=0)


def test_choices_are_read_from_words():
    assert parse_controls("", KINDS) == ()
    depth, canny = parse_controls("depth@0.8:0:0.6, canny=lllyasviel/control_v11p_sd15_canny", KINDS)
    assert depth == ControlChoice("depth", None, 0.8, 0.0, 0.6)
    assert canny == ControlChoice("canny", "lllyasviel/control_v11p_sd15_canny")
    (named,) = parse_controls(r"normal=C:\nets\normal@0.5", KINDS)
    assert named == ControlChoice("normal", r"C:\nets\normal", 0.5)


@pytest.mark.parametrize(
    "text, wrong",
    [
        ("pose", "with a kind out of: depth, normal"),
        ("depth,depth@0.5", "depth twice"),
        ("depth@1:2:3:4", "up to three numbers"),
        ("depth@..", "up to three numbers"),
        ("depth@11", "between 0 and 10"),
        ("depth@1:0.6:0.5", "START < END"),
    ],
)
def test_bad_choices_are_sentences(text, wrong):
    with pytest.raises(UserError, match=wrong):
        parse_controls(text, KINDS)


def test_a_saved_net_loads_again_and_foreign_ones_are_refused(prior, nets, tmp_path, asked):
    z, t, maps, condition = asked
    nets[0].save_pretrained(tmp_path / "net")
    again = load_controlnet(tmp_path / "net", prior.unet, offline=True)
    a, b = (prior.predict(z, t, shown(condition, Control.of(ControlChoice("depth"), net, maps, 128))) for net in
            (nets[0], again))  # fmt: skip
    torch.testing.assert_close(a, b)
    assert not any(p.requires_grad for p in again.parameters())
    with pytest.raises(UserError, match="no ControlNet folder nowhere"):
        load_controlnet("nowhere", prior.unet)
    weights = tmp_path / "net" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(UserError, match="cannot be loaded: copy it again"):
        load_controlnet(tmp_path / "net", prior.unet)
    nets[0].save_pretrained(tmp_path / "net")

    class Other:
        dtype, device = prior.unet.dtype, prior.unet.device
        config = json.loads(json.dumps(dict(prior.unet.config)))

    Other.config["block_out_channels"] = [320, 640, 1280]
    with pytest.raises(UserError, match="belongs to another model: its block_out_channels is 64, 128, 192"):
        load_controlnet(tmp_path / "net", Other)
