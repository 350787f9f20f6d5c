"""The parts of a training of everything: none outlives it, and one that fails says where to look."""

import pytest

from t2a.pocket.train.everything import parts, wait_for


def test_parts_end_with_the_block(tmp_path):
    with parts(tmp_path / "logs") as them:
        them.start("sleeper", "timeit", "import time; time.sleep(600)", nice=5)
        them.start("quick", "timeit", number=1, repeat=1, verbose=True)
        them.wait("quick")
        sleeper = them.running["sleeper"]
        assert sleeper.poll() is None
    assert sleeper.poll() is not None
    assert "1 loop" in (tmp_path / "logs" / "quick.log").read_text(encoding="utf-8")


def test_a_part_that_fails_names_its_log(tmp_path):
    with parts(tmp_path) as them, pytest.raises(SystemExit, match="broken failed; .*broken.log"):
        them.start("broken", "no_such_module")
        them.wait("broken")


def test_a_part_that_is_waited_for_ends_with_an_interruption(tmp_path, monkeypatch):
    def interrupted():
        monkeypatch.undo()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), parts(tmp_path) as them:
        them.start("sleeper", "timeit", "import time; time.sleep(600)")
        sleeper = them.running["sleeper"]
        monkeypatch.setattr(sleeper, "wait", interrupted)
        them.wait("sleeper")
    assert sleeper.poll() is not None


def test_shards_are_waited_for(tmp_path):
    for number in range(4):
        (tmp_path / f"shard_{number:03d}.npz").touch()
    wait_for(tmp_path)
