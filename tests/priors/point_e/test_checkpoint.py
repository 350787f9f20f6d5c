"""Weights: what is written reads back equal, and every wrong file is one clear sentence."""

import json
import os
import pickle
from pathlib import Path

import pytest
import torch

from t2a.errors import UserError
from t2a.priors.point_e import build
from t2a.priors.point_e.checkpoint import check, convert, layout, load, pins, pins_path, save, sha256
from t2a.priors.point_e.configs import CONFIGS, PointDiffusionConfig
from tests.priors.point_e.reference import randomize

SMALL = PointDiffusionConfig("upsample", width=16, layers=2, heads=2, n_ctx=8, clip_width=6, clip_tokens=3)


@pytest.fixture(scope="module")
def sdf():
    return randomize(build("sdf"))


@pytest.fixture(scope="module")
def official(sdf, tmp_path_factory):
    """A file as the official ones are: a plain state dict."""
    path = tmp_path_factory.mktemp("official") / "sdf.pt"
    torch.save(sdf.state_dict(), path)
    return path


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def same_weights(a, b):
    a, b = a.state_dict(), b.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def refused(path, model, *words):
    """`load` refuses the file in one line that names it and says all of `words`."""
    with pytest.raises(UserError) as caught:
        load(path, model)
    message = str(caught.value)
    assert "\n" not in message
    for word in (str(path), *words):
        assert word in message, message


def test_an_official_file_loads_frozen(sdf, official):
    model = load(official, "sdf")
    assert same_weights(model, sdf)
    assert not model.training and not any(p.requires_grad for p in model.parameters())
    queries, points = torch.rand(1, 3, 5), torch.rand(1, 3, 50)
    with torch.no_grad():
        assert torch.equal(model(queries, points), sdf(queries, points))


def test_converted_to_safetensors_and_back(sdf, official, tmp_path):
    target = convert(official, tmp_path / "deep" / "sdf.safetensors", "sdf")
    assert same_weights(load(target, "sdf"), sdf)
    assert list(target.parent.iterdir()) == [target]


def test_half_precision_loads_as_single(sdf, tmp_path):
    model = load(save(sdf, tmp_path / "sdf.safetensors", torch.float16), "sdf")
    for ours, theirs in zip(model.parameters(), sdf.parameters(), strict=True):
        assert ours.dtype == torch.float32
        assert torch.equal(ours, theirs.half().float())


def test_a_configuration_of_one_s_own(tmp_path):
    model = randomize(build(SMALL))
    assert same_weights(load(save(model, tmp_path / "small.safetensors"), SMALL), model)


def test_the_hash_is_noted_once(official):
    assert not pins()
    load(official, "sdf")
    assert pins() == {"sdf": sha256(official)}
    load(official, "sdf")
    assert pins() == {"sdf": sha256(official)}


def test_another_official_file_is_refused(sdf, official, tmp_path):
    load(official, "sdf")
    state = sdf.state_dict()
    state["ln_post.bias"] = state["ln_post.bias"] + 1
    other = tmp_path / "sdf.pt"
    torch.save(state, other)
    refused(other, "sdf", sha256(other), sha256(official), str(pins_path()))
    assert pins() == {"sdf": sha256(official)}
    pins_path().write_text(json.dumps({"base40M": "0"}))  # what the message advises
    load(other, "sdf")
    assert pins() == {"base40M": "0", "sdf": sha256(other)}


def test_safetensors_are_not_pinned(sdf, tmp_path):
    load(save(sdf, tmp_path / "sdf.safetensors"), "sdf")
    assert not pins_path().exists()


@pytest.mark.parametrize("keep", [0, 100, 1_000_000])
def test_a_cut_off_official_file(official, tmp_path, keep):
    path = tmp_path / "sdf.pt"
    path.write_bytes(official.read_bytes()[:keep])
    refused(path, "sdf", "not a readable checkpoint", "download it again")
    assert not pins(), "a damaged download must not become the one that is trusted"


@pytest.mark.parametrize("keep", [0, 100, 1_000_000])
def test_a_cut_off_safetensors_file(sdf, tmp_path, keep):
    path = save(sdf, tmp_path / "sdf.safetensors")
    path.write_bytes(path.read_bytes()[:keep])
    refused(path, "sdf", "not a readable safetensors file")


class Bomb:
    def __reduce__(self):
        return os.mkdir, ("exploded",)


@pytest.mark.parametrize("write", [pickle.dump, lambda value, file: torch.save(value, file)], ids=["pickle", "torch"])
def test_code_in_a_checkpoint_does_not_run(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "sdf.pt"
    with path.open("wb") as file:
        write({"ln_post.weight": Bomb()}, file)
    refused(path, "sdf", "not a readable checkpoint")
    assert not Path("exploded").exists()


@pytest.mark.parametrize("value", [torch.zeros(3), {"model": {"a": torch.zeros(1)}}, {1: torch.zeros(1)}, [1, 2]])
def test_a_checkpoint_of_something_else(value, tmp_path):
    path = tmp_path / "sdf.pt"
    torch.save(value, path)
    refused(path, "sdf", "something else")


def test_another_model_s_weights_are_recognised(official, sdf, tmp_path):
    refused(official, "base40M-uncond", "they are those of sdf")
    refused(save(sdf, tmp_path / "sdf.safetensors"), "base40M", "they are those of sdf")
    assert not pins()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.pop("ln_post.bias"), ["lacks ln_post.bias;"]),
        (lambda s: s.update(more=torch.zeros(1)), ["has the unknown more;"]),
        (lambda s: s.update({"ln_post.bias": torch.zeros(17)}), ["has in another shape ln_post.bias;"]),
        (lambda s: s.update({"ln_post.bias": torch.zeros(16, dtype=torch.int64)}), ["real numbers, ln_post.bias;"]),
        (lambda s: [s.pop(k) for k in list(s) if "resblocks.1" in k], ["lacks backbone.resblocks.1.", " and 11 more"]),
        (lambda s: s.clear(), ["lacks backbone"]),
    ],
    ids=["missing", "unknown", "shape", "integers", "layer", "empty"],
)  # fmt: skip
def test_keys_are_checked_strictly(change, words):
    state = build(SMALL).state_dict()
    check(state, SMALL, Path("small.safetensors"))
    change(state)
    with pytest.raises(UserError) as caught:
        check(state, SMALL, Path("small.safetensors"))
    assert "\n" not in str(caught.value)
    for word in ["small.safetensors", *words]:
        assert word in str(caught.value)


def test_layout_needs_no_memory():
    assert layout(CONFIGS["base1B"])["backbone.resblocks.23.mlp.c_fc.weight"] == (8192, 2048)


def test_files_that_are_not_checkpoints(tmp_path):
    refused(tmp_path / "none.pt", "sdf", "there is no file", "sdf.pt")
    refused(tmp_path, "sdf", "there is no file")
    (tmp_path / "sdf.bin").write_bytes(b"")
    refused(tmp_path / "sdf.bin", "sdf", "official .pt file or a .safetensors file")
    (tmp_path / "own.pt").write_bytes(b"")
    refused(tmp_path / "own.pt", SMALL, "official .pt file or a .safetensors file")
    with pytest.raises(UserError, match="the models are"):
        load(tmp_path / "sdf.bin", "sdff")


@pytest.mark.parametrize("text", ["{", "[]", '"x"'])
def test_a_damaged_list_of_hashes(official, text):
    pins_path().parent.mkdir(parents=True)
    pins_path().write_text(text)
    with pytest.raises(UserError, match=r"point_e\.json is damaged .*delete it"):
        load(official, "sdf")


def test_an_unwritable_cache_is_a_user_error(official, cache):
    cache.write_text("a file where the folder should be")
    with pytest.raises(UserError, match="XDG_CACHE_HOME"):
        load(official, "sdf")


def test_saving_where_no_file_can_be(sdf, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write"):
        save(sdf, tmp_path / "file" / "sdf.safetensors")
