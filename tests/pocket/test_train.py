"""The training recipe: one token per word, exact resumption, a start that already hands pictures through."""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from t2a.cameras import orbit
from t2a.errors import UserError
from t2a.pocket.captions import Item, Spec, caption, words
from t2a.pocket.data import WORDINGS, load_images, load_shard, make_shard, shard_files
from t2a.pocket.families import FAMILIES
from t2a.pocket.render import BACKGROUND
from t2a.pocket.train import autoencoder, language, latents, tokenizer
from t2a.pocket.train.common import Report, learning_rate, run
from t2a.pocket.train.diffusion import timesteps
from t2a.pocket.train.model import Denoiser
from t2a.pocket.train.parallel import gather, in_parallel, processes, rank
from t2a.pocket.world import sample_spec, scene


def test_every_known_word_is_one_token_and_unknown_ones_are_letters():
    tokens = tokenizer.build(words())
    for word in words():
        if not any(c.isdigit() for c in word):  # CLIP's tokenizer splits digits off
            assert len(tokens(word).input_ids) == 3, word
    assert len(tokens("zeppelin").input_ids) > 5
    assert tokens("").input_ids == [tokens.bos_token_id, tokens.eos_token_id]
    text = "a small red cube on top of a large blue cube"
    assert tokens.decode(tokens(text).input_ids, skip_special_tokens=True).strip() == text


def test_tokenizer_reloads_from_its_folder(tmp_path):
    from transformers import CLIPTokenizer

    tokens = tokenizer.build(words())
    tokens.save_pretrained(tmp_path)
    again = CLIPTokenizer.from_pretrained(tmp_path)
    text = "a purple rocket next to a snowman with a green hat"
    assert again(text).input_ids == tokens(text).input_ids and again.model_max_length == tokenizer.LENGTH


def test_longest_captions_fit():
    tokens = tokenizer.build(words())
    rng = np.random.default_rng(0)
    longest = max(len(tokens(caption(scene(5, i).spec, rng)).input_ids) for i in range(500))
    assert longest <= tokenizer.LENGTH


def test_learning_rate_warms_up_holds_and_falls():
    rates = [learning_rate(step, step / 1000, warmup=100, decay=0.3) for step in range(1000)]
    assert rates[0] == pytest.approx(0.01) and rates[99:700] == [1.0] * 601
    assert rates[-1] < 0.02 and all(a >= b for a, b in zip(rates[700:], rates[701:], strict=False))


def fit(folder, steps, stop=None):
    torch.manual_seed(0)
    model = nn.Linear(3, 2)

    def loss_of(step, generator):
        x = torch.randn(16, 3, generator=generator)
        return {"loss": (model(x) - x[:, :2]).square().mean()}

    losses = []
    for step, values, _ in run(model, loss_of, steps=steps, rate=1e-2, folder=folder, name="m", seed=1, save_every=10):
        losses.append(float(values["loss"]))
        if step == stop:
            break
    return losses, model.state_dict()


def test_a_resumed_training_equals_an_uninterrupted_one(tmp_path):
    whole, weights = fit(tmp_path / "whole", 40)
    first, _ = fit(tmp_path / "cut", 40, stop=23)  # the last checkpoint is at 20
    rest, resumed = fit(tmp_path / "cut", 40)
    assert first[:20] + rest == whole
    assert all(torch.equal(weights[k], resumed[k]) for k in weights)
    assert fit(tmp_path / "whole", 40)[0] == [], "a finished run does nothing"


def test_minutes_end_a_training_with_the_rate_fallen(tmp_path):
    model = nn.Linear(3, 2)
    options = {"steps": 10**9, "rate": 1e-2, "folder": tmp_path, "name": "m", "seed": 1, "warmup": 1}

    def loss_of(step, generator):
        return {"loss": model(torch.ones(1, 3)).square().mean()}

    last = [step for step, *_ in run(model, loss_of, minutes=0.01, **options)][-1]
    state = torch.load(tmp_path / "m.pt", weights_only=True)
    assert state["step"] == last and state["seconds"] >= 0.6, "saved at its end"
    assert state["optimizers"][0]["param_groups"][0]["lr"] < 2e-3
    assert list(run(model, loss_of, minutes=0.01, **options)) == [], "a finished run does nothing"


def fit_convolutions(folder, muon, steps, stop=None):
    """Every process regresses on a target of its own; alone, one process regresses on both."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(4, 40, 3), nn.ReLU(), nn.Conv2d(40, 36, 1), nn.ReLU(), nn.Conv2d(36, 6, 1))
    model.to(memory_format=torch.channels_last)
    x = torch.randn(3, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    ranks = [0, 1] if processes() == 1 else [rank()]

    def loss_of(step, generator):
        y = model(x.contiguous(memory_format=torch.channels_last))
        return {"loss": torch.stack([(y - 2.0 * r * x[:, :1, 1:-1, 1:-1]).square().mean() for r in ranks]).mean()}

    options = {"steps": steps, "rate": 1e-3, "folder": folder, "name": "m", "seed": 1, "save_every": 10, "muon": muon}
    for step, *_ in run(model, loss_of, **options):
        if step == stop:
            break


@pytest.mark.slow
@pytest.mark.parametrize("muon", [False, True])
def test_two_processes_learn_as_one(tmp_path, muon):
    fit_convolutions(tmp_path / "one", muon, 30)
    in_parallel(2, fit_convolutions, tmp_path / "two", muon, 30, 20)
    in_parallel(2, fit_convolutions, tmp_path / "two", muon, 30)  # goes on where the first call stopped
    one, two = (torch.load(tmp_path / name / "m.pt", weights_only=True) for name in ("one", "two"))
    assert two["step"] == 30 and len(two["generators"]) == 2
    assert not torch.equal(*two["generators"]), "each draws its own batches"
    for name, value in one["model"].items():
        # A thirtieth of the way that they went: gradients are exchanged in bf16.
        torch.testing.assert_close(two["model"][name], value, rtol=0, atol=1e-3)


def fail_in_one():
    if rank() == 1:
        raise ValueError("no")
    gather(torch.zeros(1))


@pytest.mark.slow
def test_a_process_that_fails_ends_them_all():
    with pytest.raises(RuntimeError, match="a training process failed"):
        in_parallel(2, fail_in_one)


ORPHANS = """
import os, sys, time
from pathlib import Path
from t2a.pocket.train.parallel import in_parallel, rank

def train(folder):
    (folder / str(rank())).write_text(str(os.getpid()))
    time.sleep(600)

if __name__ == "__main__":
    in_parallel(2, train, Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_no_process_outlives_the_one_that_began_the_training(tmp_path):
    (tmp_path / "orphans.py").write_text(ORPHANS)
    parent = subprocess.Popen([sys.executable, tmp_path / "orphans.py", tmp_path])
    files = [tmp_path / "0", tmp_path / "1"]
    deadline = time.monotonic() + 120
    while not all(file.exists() and file.read_text() for file in files):
        assert time.monotonic() < deadline and parent.poll() is None
        time.sleep(0.1)
    parent.kill()
    parent.wait()
    while any(alive(int(file.read_text())) for file in files):
        assert time.monotonic() < deadline, "its processes go on"
        time.sleep(0.1)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def test_report_prints_eta_and_keeps_a_log(tmp_path, capsys):
    report = Report(20, tmp_path / "log.csv", every=10)
    for step in range(1, 21):
        report(step, {"loss": 1 / step})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and "ETA" in lines[0] and "step 20/20" in lines[1]
    Report(1, tmp_path / "log.csv")(1, {"loss": 0.5, "joint": 1.0})
    rows = list(csv.DictReader((tmp_path / "log.csv").read_text().splitlines()))
    assert rows[-1]["joint"] == "1.00000" and rows[0]["joint"] == "" and len(rows) == 3, "a new column"
    assert (tmp_path / "log.csv").read_text().splitlines()[0] == "step,seconds_per_step,loss,joint"


def test_the_autoencoder_starts_as_a_blurred_identity():
    torch.manual_seed(0)
    model = autoencoder.build(64)
    x = autoencoder.to_tensor(torch.from_numpy(scene(3, 1).render(orbit([20, 200], 20), 64).rgb * 255).byte())
    z = model.encode(x).latent_dist.mode()[:, :3]
    means = torch.nn.functional.avg_pool2d(x, 8)
    for a, b in zip(z.flatten(2).flatten(0, 1), means.flatten(2).flatten(0, 1), strict=True):
        assert torch.corrcoef(torch.stack([a, b]))[0, 1] > 0.99, "the first latents are means of 8x8 pixels"


def test_shards_are_repeatable_and_load(tmp_path):
    a, b = make_shard(3, 0, 4, 2, 32), make_shard(3, 0, 4, 2, 32)
    assert all(np.array_equal(a[k], b[k]) for k in a)
    np.savez(tmp_path / "shard_000.npz", **a)
    (file,) = shard_files(tmp_path)
    shard = load_shard(file)
    images = load_images(file).numpy()
    assert images.shape == (4, 2, 32, 32, 3) and shard.cameras.shape == (4, 2, 2)
    assert [s.items[0].family for s in shard.specs] == [json.loads(t)["items"][0]["family"] for t in a["specs"]]
    plain = (np.abs(images[:, :, 0, 0] / 255 - np.array(BACKGROUND)) < 0.01).all(-1)
    assert (plain == shard.studio[:, None]).all(), "all views of a scene are before the same backdrop"
    with pytest.raises(FileNotFoundError, match=r"t2a\.pocket\.data"):
        shard_files(tmp_path / "nothing")


def test_a_bare_shard_is_drawn_when_it_is_asked_for(tmp_path):
    drawn, bare = (make_shard(3, 0, 4, 2, 32, bare=bare) for bare in (False, True))
    np.savez(tmp_path / "drawn.npz", **drawn)
    np.savez(tmp_path / "bare.npz", **bare)
    assert "images" not in bare and (tmp_path / "bare.npz").stat().st_size < (tmp_path / "drawn.npz").stat().st_size
    assert (load_images(tmp_path / "bare.npz").numpy() == drawn["images"]).all()
    torch.manual_seed(0)
    vae = autoencoder.build(32).eval()
    first, second = (latents.encode([tmp_path / f"{name}.npz"], vae, tmp_path / "z") for name in ("drawn", "bare"))
    assert torch.equal(first.z, second.z) and torch.equal(first.ids, second.ids) and first.specs == second.specs


def test_captions_in_numbers_are_the_scenes_own_and_of_todays_words(tmp_path):
    shard = make_shard(3, 0, 3, 1, 16, bare=True)
    assert shard["ids"].shape == (3, WORDINGS, tokenizer.LENGTH)
    tokens = tokenizer.build(words())
    for ids, text in zip(shard["ids"], shard["specs"], strict=True):
        said = [tokens.decode(row.astype(int), skip_special_tokens=True) for row in ids]
        assert len(set(said)) > 1, "in several wordings"
        family = json.loads(text)["items"][0]["family"]
        names = (family, *FAMILIES[family].also)
        assert all(any(name[:3] in one for name in names) for one in said), said
    np.savez(tmp_path / "old.npz", **{**shard, "vocabulary": np.array("of yesterday")})
    with pytest.raises(UserError, match="make it again"):
        load_shard(tmp_path / "old.npz")


def test_latents_are_encoded_once_and_lie_beside_their_cameras(tmp_path):
    for number in range(2):
        np.savez(tmp_path / f"shard_{number:03d}.npz", **make_shard(3, 2 * number, 2, 2, 32))
    torch.manual_seed(0)
    vae = autoencoder.build(32).eval()
    world = latents.encode(shard_files(tmp_path), vae, tmp_path / "z")
    assert world.z.shape == (4, 2, 12, 4, 4) and world.cameras.shape == (4, 2, 2) and len(world.specs) == 4
    before = [f.stat().st_mtime_ns for f in sorted((tmp_path / "z").iterdir())]
    again = latents.encode(shard_files(tmp_path), vae, tmp_path / "z")
    assert torch.equal(again.z, world.z)
    assert [f.stat().st_mtime_ns for f in sorted((tmp_path / "z").iterdir())] == before
    first, second = (latents.encode([file], vae, tmp_path / "z") for file in shard_files(tmp_path))
    both = first.and_(second)
    assert torch.equal(both.z, world.z) and both.specs == world.specs and both.shards == world.shards
    np.savez(tmp_path / "shard_001.npz", **make_shard(4, 2, 2, 2, 32))
    other = latents.encode(shard_files(tmp_path), vae, tmp_path / "z")
    assert torch.equal(other.z[:2], world.z[:2]) and not torch.equal(other.z[2:], world.z[2:]), "other pictures"
    assert not torch.equal(
        latents.encode(shard_files(tmp_path), autoencoder.build(32).eval(), tmp_path / "z").z, other.z
    )


def test_a_dropped_camera_is_what_a_plain_pipeline_computes():
    torch.manual_seed(0)
    tokens = tokenizer.build(words())
    model = Denoiser(tokens).eval()
    ids = tokens(["a red ball", "a blue car"], padding="max_length", return_tensors="pt").input_ids
    z, t = torch.randn(2, 12, 16, 16), torch.tensor([300, 700])
    with torch.no_grad():
        dropped = model(z, t, ids, None)
        plain = model.unet(z, t, model.text_encoder(ids).last_hidden_state).sample
        seen = model(z, t, ids, orbit([10, 200], 20))
    assert torch.equal(dropped, plain)
    assert (seen - plain).abs().max() > 1e-4


def test_labels_say_everything_that_a_scene_is():
    plain = Spec((Item("car"),))
    assert sum(value > 0 for value in language.labels(plain)) == 2, "one car, and nothing else is said"
    changes = [
        Spec((Item("chair"),)),
        Spec((Item("car", "red"),)),
        Spec((Item("car", size="small"),)),
        Spec((Item("car", accessory="hat"),)),
        Spec((Item("car", accessory="hat", accessory_color="red"),)),
        Spec((Item("car", pattern="striped"),)),
        Spec((Item("car", pattern="striped", second="blue"),)),
        Spec((Item("car", material="metal"),)),
        Spec((Item("car", count=2),)),
        Spec((Item("car", topping="snow"),)),
        Spec((Item("house", part="roof", part_color="red"),)),
        Spec((Item("chair", theme="avocado"),)),
        Spec((Item("car"), Item("cube")), "inside"),
        Spec((Item("car"), Item("cube")), "on"),
        Spec((Item("car"), Item("cube")), "next"),
        Spec((Item("cube"), Item("car")), "next"),
    ]
    rows = {tuple(language.labels(spec)) for spec in [plain, *changes]}
    assert len(rows) == len(changes) + 1


@pytest.mark.slow
def test_the_text_encoder_learns_what_captions_say(tmp_path):
    torch.manual_seed(0)
    tokens = tokenizer.build(words())
    model = Denoiser(tokens).text_encoder
    language.train(model, tokens, tmp_path, steps=200, batch=48)
    with (tmp_path / "language.csv").open() as file:
        last = list(csv.DictReader(file))[-1]
    rng = np.random.default_rng(0)
    columns = np.array([language.labels(sample_spec(rng)) for _ in range(2000)]).T
    shares = [np.bincount(column)[np.bincount(column) > 0] / len(column) for column in columns]
    chance = sum(-(p * np.log(p)).sum() for p in shares)
    assert float(last["loss"]) < chance, "what can be said without reading"


def test_timesteps_favour_noise_and_stay_in_range():
    u = torch.linspace(0, 1, 1001)
    t = timesteps(u, 1000)
    assert t.min() == 0 and t.max() == 999 and bool((t.diff() >= 0).all())
    assert abs(t.float().mean() - 614) < 3, "the mean of 2u / (1 + u) is 2 (1 - ln 2)"


def share_nothing_but_one(folder):
    """Two processes, of which one has nothing to give."""
    from t2a.pocket.train.parallel import everyones

    mine = [torch.ones(2, 3, dtype=torch.bfloat16)] if rank() == 0 else []
    found = everyones(mine, [[torch.Size((2, 3))], []], torch.bfloat16)
    torch.save(found, folder / f"{rank()}.pt")


@pytest.mark.slow
def test_a_process_may_have_nothing_to_exchange(tmp_path):
    in_parallel(2, share_nothing_but_one, tmp_path)
    for name in ("0.pt", "1.pt"):
        (one,), none = torch.load(tmp_path / name, weights_only=True)
        assert torch.equal(one, torch.ones(2, 3, dtype=torch.bfloat16)) and none == []
