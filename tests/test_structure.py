"""Imports go downwards only, and starting up stays light."""

from __future__ import annotations

import ast
import importlib.metadata
import itertools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

BOTTOM = {
    "errors", "types", "cameras", "colors", "schedule", "events", "config", "prompts", "memory", "seeds", "compiled",
}  # fmt: skip
STAGES = {"scene", "priors", "mesh", "texture", "export", "distill"}

MAY_IMPORT: dict[str, set[str]] = {
    "bootstrap": set(),  # the standard library alone
    "errors": set(),
    "memory": set(),
    "seeds": set(),
    "compiled": set(),
    "colors": set(),
    "types": {"errors"},
    "cameras": {"errors", "types"},
    "schedule": {"errors"},
    "events": {"errors", "types"},
    "config": {"errors", "types", "schedule"},
    "prompts": {"errors", "types"},
    "scene": BOTTOM | {"mesh"},  # knows nothing of diffusion
    "priors": BOTTOM,  # knows nothing of scenes
    "mesh": BOTTOM,  # knows neither scenes nor priors
    "texture": BOTTOM | {"mesh"},
    "export": {"errors", "types", "colors"},
    "progress": BOTTOM | {"export"},  # a reader of events that writes previews
    "distill": BOTTOM | {"scene", "priors"},
    "pocket": BOTTOM | {"priors", "mesh", "export"},  # its recipes draw control maps and write sheets
    "guided": BOTTOM | STAGES | {"pocket"},
    "lift": BOTTOM | STAGES,
    "pipelines": BOTTOM | STAGES | {"pocket", "guided", "lift", "points"},
    "canvas": BOTTOM | {"mesh", "scene", "texture"},
    "paint": BOTTOM | STAGES | {"canvas", "guided", "pipelines"},
    "capture": BOTTOM | STAGES | {"pipelines"},
    "nerfstudio": BOTTOM | {"scene", "capture"},
    "edit": BOTTOM | STAGES | {"canvas", "capture", "lift", "nerfstudio", "paint", "pipelines", "pocket", "surface"},
    "points": BOTTOM | STAGES | {"pocket", "lift"},
    "surface": BOTTOM | STAGES | {"pipelines", "points"},
    "jobs": BOTTOM
    | {"export", "pipelines", "paint", "edit", "points", "t2a"},  # what a command line and a worker do alike
    "worker": BOTTOM | {"export", "jobs", "t2a"},
    "eval": BOTTOM | STAGES | {"pocket", "pipelines", "points", "canvas", "paint", "edit", "progress"},
    "cli": BOTTOM
    | STAGES
    | {"pocket", "pipelines", "points", "surface", "jobs", "worker", "eval", "progress", "t2a", "capture", "edit"},
    "__main__": {"cli"},
    "t2a": BOTTOM | STAGES | {"pocket", "pipelines", "paint", "edit", "eval"},  # t2a/__init__.py, the public API
}
"""What each module or package directly under t2a may import of the others; its own parts are always allowed. Imports
inside functions count, and so do those for type checking."""

EXCEPTIONS = {
    ("types", "export"): "Asset.save calls its writer, so that `asset.save(path)` is all a user has to know",
    ("pipelines", "t2a"): "the version, which every report states",
    ("surface", "t2a"): "the same",
}

HEAVY = set("torch numpy scipy skimage diffusers transformers trimesh numba PIL jaxtyping yaml".split())


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def name_of(path: Path) -> str:
    """t2a/scene/field.py -> t2a.scene.field; t2a/scene/__init__.py -> t2a.scene"""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(module: str) -> str:
    """t2a.scene.field -> scene; t2a -> t2a"""
    return (module.split(".") + ["t2a"])[1] if module != "t2a" else "t2a"


def imports(tree: ast.AST, package: str, submodules: set[str]) -> Iterator[tuple[int, str]]:
    """(line, absolute module name) of every import statement and of import_module with a literal name.
    `from t2a import x` is an import of t2a.x where that is a module, and of the package's own API otherwise."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield node.lineno, full if base == "t2a" and part_of(full) in submodules else base
        elif isinstance(node, ast.Call):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            literal = node.args[0] if node.args and isinstance(node.args[0], ast.Constant) else None
            if function in ("import_module", "__import__") and literal and isinstance(literal.value, str):
                yield node.lineno, literal.value


def imports_of(path: Path) -> list[tuple[int, str]]:
    package = name_of(path) if path.name == "__init__.py" else name_of(path).rpartition(".")[0]
    return list(imports(ast.parse(path.read_text(encoding="utf-8")), package, set(MAY_IMPORT)))


def test_the_table_has_no_cycle():
    done: set[str] = set()
    while remaining := {part for part in MAY_IMPORT if part not in done}:
        ready = {part for part in remaining if MAY_IMPORT[part] <= done}
        assert ready, f"these import each other in a circle: {sorted(remaining)}"
        done |= ready


@pytest.mark.parametrize("path", sources(ROOT / "t2a"), ids=name_of)
def test_imports_go_downwards(path: Path):
    part = part_of(name_of(path))
    assert part in MAY_IMPORT, f"give {part} a line in MAY_IMPORT"
    allowed = MAY_IMPORT[part] | {part} | {target for source, target in EXCEPTIONS if source == part}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for line, module in imports_of(path)
        if module.split(".")[0] == "t2a" and part_of(module) not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_bootstrap_needs_only_the_standard_library():
    used = {module.split(".")[0] for _, module in imports_of(ROOT / "t2a" / "bootstrap.py")}
    assert used <= sys.stdlib_module_names


def test_every_package_that_is_imported_is_declared():
    """Nothing works only because another package happens to bring it along."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    declared = {re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-") for requirement in requirements}
    providers = importlib.metadata.packages_distributions()
    used = {name.split(".")[0] for path in sources(ROOT / "t2a") for _, name in imports_of(path)}
    for name in used - sys.stdlib_module_names - {"t2a"}:
        assert {provider.lower().replace("_", "-") for provider in providers.get(name, [name])} & declared, name


def test_blender_extension_imports_neither_torch_nor_t2a():
    for path in sources(ROOT / "blender_addon"):
        assert not {module.split(".")[0] for _, module in imports_of(path)} & {"torch", "t2a"}, path


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import t2a.scene.field", "t2a.scene.field"),
        ("from t2a import types", "t2a.types"),
        ("from t2a import text_to_3d", "t2a"),
        ("from t2a.priors import latent", "t2a.priors"),
        ("from . import field", "t2a.scene"),
        ("from .field import Field", "t2a.scene.field"),
        ("from ..priors import latent", "t2a.priors"),
        ("from .. import distill", "t2a.distill"),
        ("def f():\n    import torch", "torch"),
        ("importlib.import_module('t2a.cli')", "t2a.cli"),
    ],
)
def test_every_form_of_import_is_seen(source: str, expected: str):
    assert [name for _, name in imports(ast.parse(source), "t2a.scene", set(MAY_IMPORT))] == [expected]


def modules_after(source: str) -> set[str]:
    """Top-level names in sys.modules after a fresh interpreter has run `source`."""
    report = "\nprint('modules:', *{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", "import sys\n" + source + report], capture_output=True, text=True, cwd=ROOT
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.splitlines()[-1].split()[1:])


def test_importing_t2a_is_light():
    assert not modules_after("import t2a") & HEAVY


def test_importing_bootstrap_is_light():
    assert not modules_after("import t2a.bootstrap") & HEAVY


def test_help_is_light():
    call = "sys.argv = ['t2a', '--help']\nfrom t2a.cli import main\n"
    source = call + "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code"
    assert not modules_after(source) & HEAVY
