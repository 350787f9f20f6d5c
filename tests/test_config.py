"""One definition of every option: presets, command line and documentation agree."""

import dataclasses

import pytest

from t2a import config as configs
from t2a.cli import parser
from t2a.errors import UserError
from t2a.schedule import value_at


def test_option_names_are_unique_and_documented():
    names = [o.name for o in configs.options()]
    assert len(names) == len(set(names))
    assert all(o.help and not o.help.endswith(".") for o in configs.options())


@pytest.mark.parametrize("preset", configs.presets())
def test_every_preset_loads(preset):
    config = configs.load(preset)
    assert config.preset == preset and config.distill.steps > 0


def test_defaults_pass_their_own_checks():
    for o in configs.options():
        assert configs.checked(o, o.default) == o.default


def test_overrides_win_and_everything_else_stays():
    base, changed = configs.load("pocket"), configs.load("pocket", {"faces": 2000, "guidance_scale": [10, 5, 0, 1]})
    assert changed.mesh.faces == 2000 and changed.distill.guidance_scale == (10.0, 5.0, 0.0, 1.0)
    assert dataclasses.replace(changed.mesh, faces=base.mesh.faces) == base.mesh


def test_command_line_has_every_option():
    args = parser().parse_args(["generate", "a ball", "-o", "x.glb"])
    assert {o.name for o in configs.options()} <= set(vars(args))


@pytest.mark.parametrize(
    ("overrides", "part"),
    [
        ({"fases": 3}, "did you mean 'faces'"),
        ({"faces": 3}, "faces is 3; it must be at least 12"),
        ({"faces": 10.5}, "whole number"),
        ({"faces": True}, "whole number"),
        ({"steps": float("nan")}, "steps"),
        ({"t_max": 1.5}, "at most 1"),
        ({"t_max": [0.9, 1.5, 0, 1]}, "at most 1"),
        ({"t_max": [0.9, 0.5, 0.7, 0.2]}, "begin"),
        ({"elevation": [1]}, "2 numbers"),
        ({"elevation": [20, 10]}, "must not exceed"),
        ({"activation": "relu"}, "softplus"),
        ({"offline": "yes"}, "true or false"),
        ({"model": 3}, "text"),
    ],
)
def test_bad_values_are_one_sentence(overrides, part):
    with pytest.raises(UserError) as error:
        configs.load("pocket", overrides)
    assert part in str(error.value) and "\n" not in str(error.value)


def test_schedules_are_linear_between_their_ends():
    schedule = (10.0, 20.0, 0.2, 0.6)
    assert [value_at(schedule, p) for p in (0, 0.2, 0.4, 0.6, 1)] == [10, 10, 15, 20, 20]
    assert value_at((1.0, 5.0, 0.5, 0.5), 0.5) == 1 and value_at((1.0, 5.0, 0.5, 0.5), 0.51) == 5
    assert value_at(3.0, 0.7) == 3


@pytest.mark.parametrize("options, remedy", [
    ({"background": "random", "matte": 0.5}, "--background studio"),
    ({"latent": True, "channels": 4, "background": "learned", "matte": 0}, "--lambertian 0 --refine-shading albedo"),
    ({"channels": 4}, "--latent"),
    ({"color_steps": 100}, "--latent"),
])  # fmt: skip
def test_contradictions_are_said_before_any_work(options, remedy):
    with pytest.raises(UserError, match=remedy):
        configs.load("pocket", options)
