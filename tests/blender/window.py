"""Drives a real Blender window with the mouse: the tab, Generate, the object, Ctrl-Z; a picture of the screen at each
step.

    python blender_addon/build.py build
    LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a -s "-screen 0 1280x800x24" blender --factory-startup --enable-event-simulate \\
        --window-geometry 0 0 1280 800 -P tests/blender/window.py -- build/t2a-0.1.0.zip .venv/bin/python FOLDER

FOLDER receives the pictures and the asset. Needs ImageMagick's `import`. The exit code is 0 if all went as it should;
what the add-on's timer took at most, the import aside, is printed.
"""

import os
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy

# Debian's Blender 3.4 comes with a glTF importer that still asks for it.
if not hasattr(numpy, "bool"):
    numpy.bool = bool

PACKAGE, PYTHON, FOLDER = sys.argv[sys.argv.index("--") + 1 :]
FOLDER = Path(FOLDER).resolve()
TAB, GENERATE = (1043, 606), (930, 525)
"""Where they are in a window of 1280 x 800, in pixels from the lower left."""
DEADLINE = 600
bpy.context.preferences.view.show_splash = False


def install() -> str:
    """The add-on's module."""
    if bpy.app.version < (4, 2):
        bpy.ops.preferences.addon_install(filepath=PACKAGE, overwrite=True)
        bpy.ops.preferences.addon_enable(module="t2a")
        return "t2a"
    bpy.ops.extensions.package_install_files(filepath=PACKAGE, repo="user_default", enable_on_install=True)
    return "bl_ext.user_default.t2a"


def press(key: str, at: tuple[int, int] = (400, 400), **modifiers: bool) -> None:
    window = bpy.context.window_manager.windows[0]
    window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=at[0], y=at[1])
    for value in ("PRESS", "RELEASE"):
        window.event_simulate(type=key, value=value, x=at[0], y=at[1], **modifiers)


def picture(name: str) -> None:
    subprocess.run(["import", "-window", "root", FOLDER / f"{name}.png"], check=True)


def view() -> bpy.types.Area:
    return next(area for area in bpy.context.window_manager.windows[0].screen.areas if area.type == "VIEW_3D")


def meshes() -> set:
    return {thing.name for thing in bpy.data.objects if thing.type == "MESH"}


def story(module: str) -> Iterator[float]:
    """Yields the seconds to wait before it goes on."""
    session = sys.modules[f"{module}.session"]
    preferences = bpy.context.preferences.addons[module].preferences
    preferences.python, preferences.folder = os.path.abspath(PYTHON), str(FOLDER)
    bpy.ops.object.select_all(action="SELECT")
    bpy.ops.object.delete()
    bpy.ops.ed.undo_push(message="Empty")
    view().spaces[0].show_region_ui = True
    view().spaces[0].shading.type = "MATERIAL"
    yield 1.0
    press("LEFTMOUSE", TAB)
    yield 1.0
    bpy.context.scene.t2a.prompt = "a red mushroom"
    session.redraw()
    yield 1.5
    picture("1_panel")
    press("LEFTMOUSE", GENERATE)
    yield 1.0
    assert session.job is not None, "the click has begun a job"
    while session.job is not None and "t2a preview" not in meshes():
        yield 0.2
    assert session.job is not None, "the object is seen while it grows"
    yield 1.5
    picture("2_progress")
    while session.job is not None or session.waiting:
        yield 0.2
    assert session.problem is None, session.problem
    bpy.ops.object.mode_set(mode="OBJECT")
    yield 2.0
    assert "a red mushroom" in meshes() and "t2a preview" not in meshes()
    picture("3_object")
    press("Z", ctrl=True)
    yield 1.5
    assert "a red mushroom" not in meshes(), "Ctrl-Z takes it away"
    picture("4_undone")
    press("Z", ctrl=True, shift=True)
    yield 1.5
    assert "a red mushroom" in meshes(), "and Ctrl-Shift-Z brings it back"
    bpy.context.preferences.addons[module].preferences.python = "/nowhere/python"
    session.disconnect()
    session.redraw()
    yield 1.5
    press("LEFTMOUSE", GENERATE)
    yield 1.5
    assert session.problem is not None
    picture("5_error")


def watch(session) -> list[float]:
    """The seconds of each turn of the add-on's timer that imports nothing."""
    pump, took = session.pump, []

    def timed() -> float:
        start, waiting = time.perf_counter(), bool(session.waiting)
        period = pump()
        if not waiting and not session.waiting:
            took.append(time.perf_counter() - start)
        return period

    bpy.app.timers.unregister(pump)
    bpy.app.timers.register(timed, persistent=True)
    return took


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    module = install()
    took, steps, began = watch(sys.modules[f"{module}.session"]), story(module), time.monotonic()

    def go_on() -> float | None:
        try:
            assert time.monotonic() - began < DEADLINE, "it takes too long"
            return next(steps)
        except StopIteration:
            print(f"all went well; the timer took at most {max(took) * 1000:.0f} ms", flush=True)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)

    bpy.app.timers.register(go_on, first_interval=2.0)


main()
