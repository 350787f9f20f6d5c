"""Training logs: steps and hours add up, also over runs that began from another one's weights."""

from t2a.pocket.train.card import read_log


def test_steps_and_hours_add_up(tmp_path):
    log = tmp_path / "log.csv"
    log.write_text(
        "step,seconds_per_step,loss,batch\n50,2.0,0.9,4\n100,1.0,0.5,4\n50,4.0,0.4,8\n100,1.0,0.3,8\n100,2.0,0.3,8\n"
    )
    last, steps, hours, pictures = read_log(log)
    assert pictures == 100 * 4 + 100 * 8
    assert last["loss"] == 0.3 and steps == 200, "the repeated 50 steps count once"
    assert abs(hours * 3600 - (100 + 50 + 200 + 50 + 100)) < 1e-9, "but they took their time"
