"""Training logs: steps and hours add up, also over runs that began from another one's weights."""

import pytest

from t2a.pocket.train.card import read_log


def test_steps_and_hours_add_up(tmp_path):
    log = tmp_path / "log.csv"
    log.write_text(
        "step,seconds_per_step,loss,batch,scenes,gpu\n"
        "50,2.0,0.9,4,,\n100,1.0,0.5,4,20,\n50,4.0,0.4,8,30,1\n100,1.0,0.3,8,35,1\n100,2.0,0.3,8,35,1\n"
    )
    told = read_log(log)
    assert told.pictures == 100 * 4 + 100 * 8 and told.scenes == 20 + 35
    assert told.last["loss"] == 0.3 and told.steps == 200, "the repeated 50 steps count once"
    assert told.cpu_hours * 3600 == pytest.approx(100 + 50)
    assert told.gpu_hours * 3600 == pytest.approx(200 + 50 + 100), "but they took their time"
    assert told.took == "0.0 h on one or two CPU cores, then 0.1 h on a GPU"
