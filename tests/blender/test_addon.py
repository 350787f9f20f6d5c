"""Every button against the real worker, in a real Blender without a window."""

import os
import subprocess
import sys
import time
from pathlib import Path

import bpy
import pytest
from conftest import NAME, wait
from mathutils import Vector


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def test_check_says_who_answers(session):
    assert bpy.ops.t2a.check() == {"FINISHED"}
    wait(session, lambda: session.hello is not None)
    assert session.hello["protocol"] == 1 and session.problem is None


def test_it_asks_for_what_the_panel_says(session, tmp_path):
    settings = bpy.context.scene.t2a
    settings.prompt, settings.seed, settings.faces, settings.texture = "a blue chair", 7, 2000, "512"
    settings.height = 0.9
    bpy.ops.t2a.generate()
    request = session.job.request
    assert request["prompt"] == "a blue chair" and request["preset"] == "pocket"
    assert Path(request["output"]) == tmp_path / "assets" / "a_blue_chair_7.glb"
    wanted = {"seed": 7, "faces": 2000, "texture": 512, "height": pytest.approx(0.9), "offline": False}
    assert {k: request["options"][k] for k in wanted if k != "offline"} == {
        k: v for k, v in wanted.items() if k != "offline"
    }
    wait(session, lambda: session.job is None or session.job.stage)
    assert session.problem is None, "the worker takes the request"


def test_an_object_arrives_with_its_history_and_undo_takes_it_away(quick):
    bpy.context.scene.cursor.location = (1.0, 2.0, 0.5)
    bpy.ops.ed.undo_push(message="before")
    before = {thing.name for thing in bpy.data.objects}
    assert bpy.ops.t2a.generate() == {"FINISHED"}
    assert not bpy.ops.t2a.generate.poll(), "one job at a time"
    wait(quick, lambda: quick.job is None)
    assert quick.problem is None
    wait(quick, lambda: not quick.waiting)
    (made,) = [thing for thing in bpy.data.objects if thing.name not in before and thing.type == "MESH"]
    assert made.name == "a red ball" and made.select_get() and bpy.context.view_layer.objects.active == made
    assert (made["t2a_prompt"], made["t2a_seed"], made["t2a_preset"]) == ("a red ball", 0, "pocket")
    assert made.asset_data is not None and Path(made["t2a_file"]).is_file()
    corners = [made.matrix_world @ vertex.co for vertex in made.data.vertices]
    assert min(c.z for c in corners) == pytest.approx(0.5, abs=1e-3), "it stands on the cursor"
    assert max(c.z for c in corners) == pytest.approx(1.5, abs=1e-2), "and is as high as asked"
    (material,) = made.data.materials
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    assert shader.inputs["Base Color"].links, "its texture is set"
    (entry,) = bpy.context.scene.t2a.results
    assert entry.prompt == "a red ball" and entry.triangles > 0
    bpy.ops.ed.undo()
    assert "a red ball" not in bpy.data.objects
    quick.pump()
    assert len(bpy.context.scene.t2a.results) == 1, "the history stays"


def test_an_object_is_seen_while_it_grows(quick):
    bpy.context.scene.cursor.location = (1.0, 2.0, 0.5)
    bpy.context.scene.t2a.height = 3.0
    bpy.ops.t2a.generate()
    slowest, seen = 0.0, None
    deadline = time.monotonic() + 120
    while quick.job is not None:
        assert time.monotonic() < deadline
        shows = bool(quick.job.mesh) or any(m.get("mesh") for m in list(quick.client._inbox.queue))
        start = time.monotonic()
        quick.pump()
        if shows:
            slowest = max(slowest, time.monotonic() - start)
        if (thing := bpy.data.objects.get("t2a preview")) is not None:
            corners = [thing.location + vertex.co for vertex in thing.data.vertices]
            seen = [f(c[axis] for c in corners) for f in (min, max) for axis in range(3)]
            assert thing.hide_select and thing.data.attributes["Color"].data
        time.sleep(0.02)
    assert quick.problem is None and seen is not None
    assert seen[2] == pytest.approx(0.5, abs=1e-4) and seen[5] == pytest.approx(3.5, abs=1e-4)
    assert (seen[0] + seen[3]) / 2 == pytest.approx(1, abs=1e-4)
    assert slowest < 0.5, "it does not hold Blender up (a busy machine counts tenfold)"
    wait(quick, lambda: not quick.waiting)
    assert "t2a preview" not in bpy.data.objects and "a red ball" in bpy.data.objects


def test_a_cloud_arrives_in_its_colours_as_high_as_asked(session):
    settings = bpy.context.scene.t2a
    settings.points, settings.height = 500, 2.0
    bpy.context.scene.cursor.location = (1.0, 2.0, 0.5)
    assert bpy.ops.t2a.points() == {"FINISHED"}
    assert session.job.request["options"]["count"] == 500 and "preset" not in session.job.request
    wait(session, lambda: session.job is None)
    assert session.problem is None
    wait(session, lambda: not session.waiting)
    made = bpy.data.objects["a red ball"]
    assert len(made.data.vertices) == 500 and made["t2a_prompt"] == "a red ball" and made.asset_data is not None
    corners = [made.matrix_world @ vertex.co for vertex in made.data.vertices]
    assert min(c.z for c in corners) == pytest.approx(0.5, abs=1e-4)
    assert max(c.z for c in corners) == pytest.approx(2.5, abs=1e-4)
    colors = [tuple(value.color) for value in made.data.attributes["Color"].data]
    assert sum(r > 2 * g and r > 2 * b for r, g, b, _ in colors) > 300, "it is red"
    shown = made.evaluated_get(bpy.context.evaluated_depsgraph_get())
    assert shown.evaluated_geometry().pointcloud is not None, "geometry nodes show it"
    (entry,) = settings.results
    assert entry.points == 500 and entry.glb.endswith(".ply")
    Path(entry.glb).write_bytes(b"ply\nno cloud")
    with pytest.raises(RuntimeError, match="is no file of t2a's"):
        bpy.ops.t2a.import_result(glb=entry.glb)


def test_a_sketch_takes_the_selection_for_its_shape_and_arrives_over_it(quick):
    assert not bpy.ops.t2a.sketch.poll(), "nothing is selected"
    bpy.ops.mesh.primitive_cube_add(size=1, location=(3, -2, 2))
    bpy.context.object.scale = (1, 1, 2)
    bpy.ops.object.modifier_add(type="SUBSURF")
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.5, location=(3, -2, 3.5))
    for thing in bpy.data.objects:
        thing.select_set(True)
    bpy.context.view_layer.update()
    settings = bpy.context.scene.t2a
    settings.strictness, settings.height = 0.8, 7.0
    assert bpy.ops.t2a.sketch() == {"FINISHED"}
    options = quick.job.request["options"]
    assert options["init_up"] == "z" and options["strictness"] == pytest.approx(0.8)
    lines = Path(options["init"]).read_text().splitlines()
    points = [tuple(map(float, line.split()[1:])) for line in lines if line.startswith("v ")]
    assert len(points) > 26 + 8, "as the modifier shows it"
    low, high = (tuple(f(p[axis] for p in points) for axis in range(3)) for f in (min, max))
    assert options["height"] == pytest.approx(high[2] - low[2], rel=1e-4), "as high as its guide"
    wait(quick, lambda: quick.job is None)
    assert quick.problem is None
    wait(quick, lambda: not quick.waiting)
    made = bpy.data.objects["a red ball"]
    corners = [made.matrix_world @ vertex.co for vertex in made.data.vertices]
    for axis in (0, 1):
        middle = (min(c[axis] for c in corners) + max(c[axis] for c in corners)) / 2
        assert middle == pytest.approx((low[axis] + high[axis]) / 2, abs=0.02)
    assert min(c.z for c in corners) == pytest.approx(low[2], abs=1e-2)
    assert max(c.z for c in corners) == pytest.approx(high[2], abs=2e-2)


def test_paint_gives_the_active_object_a_new_material_and_keeps_all_else(quick):
    assert not bpy.ops.t2a.paint.poll(), "nothing is active"
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.5, location=(2, 1, 3))
    ball = bpy.context.object
    old = bpy.data.materials.new("old")
    ball.data.materials.append(old)
    ball.data.uv_layers.remove(ball.data.uv_layers.active)
    before = [tuple(vertex.co) for vertex in ball.data.vertices]
    things = set(bpy.data.objects.keys())
    assert bpy.ops.t2a.paint() == {"FINISHED"}
    request = quick.job.request
    assert request["type"] == "paint" and "height" not in request["options"]
    lines = Path(request["mesh"]).read_text().splitlines()
    points = [tuple(map(float, line.split()[1:])) for line in lines if line.startswith("v ")]
    assert min(p[2] for p in points) == pytest.approx(2.5, abs=1e-4), "where it stands in the world"
    assert [layer.name for layer in ball.data.uv_layers] == ["t2a"], "without a map it is unwrapped"
    wait(quick, lambda: quick.job is None)
    assert quick.problem is None
    wait(quick, lambda: not quick.waiting)
    assert set(bpy.data.objects.keys()) == things, "no second ball"
    assert [tuple(vertex.co) for vertex in ball.data.vertices] == before
    assert ball.data.materials[0] == old and len(ball.data.materials) == 2
    assert {polygon.material_index for polygon in ball.data.polygons} == {1}
    new = ball.data.materials[1]
    assert new["t2a_prompt"] == "a red ball"
    shader = next(node for node in new.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    assert shader.inputs["Base Color"].links, "its texture is set"


def test_an_edit_stands_where_the_object_stood_and_undo_brings_that_back(quick):
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.5, location=(2, 1, 3))
    ball = bpy.context.object
    red = bpy.data.materials.new("red")
    red.use_nodes = True
    red.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (0.8, 0.02, 0.02, 1)
    ball.data.materials.append(red)
    assert not bpy.ops.t2a.edit.poll(), "nothing is said"
    settings = bpy.context.scene.t2a
    settings.instruction, settings.geometry_change = "make it blue", 0.0
    bpy.ops.mesh.primitive_cube_add(size=3, location=(2, 1, 3))
    settings.where, settings.mask = "INSIDE", bpy.context.object
    bpy.context.view_layer.objects.active = ball
    assert bpy.ops.t2a.edit() == {"FINISHED"}
    request = quick.job.request
    assert request["type"] == "edit" and request["prompt"] == "make it blue" and "height" not in request["options"]
    assert Path(request["mesh"]).is_file() and Path(request["options"]["edit_mask"]).is_file()
    wait(quick, lambda: quick.job is None)
    assert quick.problem is None
    wait(quick, lambda: not quick.waiting)
    new = bpy.context.object
    assert new != ball and ball.hide_get() and new["t2a_prompt"] == "make it blue"
    middle = [sum(axis) / 8 for axis in zip(*(new.matrix_world @ Vector(c) for c in new.bound_box), strict=True)]
    assert middle == pytest.approx([2, 1, 3], abs=1e-3)


@pytest.mark.parametrize("where", ["GROUP", "FACES"])
def test_only_some_faces_may_change(session, where):
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.5, location=(2, 1, 3))
    ball, settings = bpy.context.object, bpy.context.scene.t2a
    settings.instruction, settings.where = "make it blue", where
    upper = [vertex.index for vertex in ball.data.vertices if vertex.co.z > 0.1]
    for polygon in ball.data.polygons:
        polygon.select = False
    with pytest.raises(RuntimeError, match="Choose a vertex group" if where == "GROUP" else "No faces of Sphere"):
        bpy.ops.t2a.edit()
    ball.vertex_groups.new(name="top").add(upper, 1.0, "REPLACE")
    settings.mask_group = "top"
    for polygon in ball.data.polygons:
        polygon.select = set(polygon.vertices) <= set(upper)
    things = set(bpy.data.objects.keys())
    assert bpy.ops.t2a.edit() == {"FINISHED"}
    assert set(bpy.data.objects.keys()) == things, "what was written is gone again"
    path = session.job.request["options"]["edit_mask"]
    bpy.ops.t2a.cancel()
    wait(session, lambda: session.job is None)
    bpy.ops.import_scene.gltf(filepath=path)
    piece = bpy.context.object
    corners = [piece.matrix_world @ vertex.co for vertex in piece.data.vertices]
    assert min(c.z for c in corners) > 3.1 and max(c.z for c in corners) == pytest.approx(3.5, abs=1e-4)
    assert sum(c.x for c in corners) / len(corners) == pytest.approx(2, abs=0.02)


def test_a_guide_without_faces_or_height_is_refused(session):
    bpy.ops.mesh.primitive_plane_add()
    with pytest.raises(RuntimeError, match="The selection is flat"):
        bpy.ops.t2a.sketch()
    bpy.ops.object.select_all(action="DESELECT")
    bpy.ops.mesh.primitive_circle_add(fill_type="NOTHING")
    with pytest.raises(RuntimeError, match="has no faces"):
        bpy.ops.t2a.sketch()
    assert session.job is None


def test_a_cancelled_job_ends_within_three_seconds(quick):
    bpy.ops.t2a.generate()
    wait(quick, lambda: quick.job.stage == "draw")
    start = time.monotonic()
    assert bpy.ops.t2a.cancel() == {"FINISHED"} and not bpy.ops.t2a.cancel.poll()
    wait(quick, lambda: quick.job is None)
    assert time.monotonic() - start < 3.0
    assert quick.problem is None and not bpy.context.scene.t2a.results
    assert bpy.ops.t2a.generate.poll(), "the next one may begin"


def test_cancelling_before_the_first_sign_of_life_too(quick):
    bpy.ops.t2a.generate()
    start = time.monotonic()
    bpy.ops.t2a.cancel()
    wait(quick, lambda: quick.job is None)
    assert time.monotonic() - start < 3.5


def test_a_killed_worker_is_said_and_the_next_job_has_a_new_one(quick):
    bpy.ops.t2a.generate()
    wait(quick, lambda: quick.job.stage)
    quick.client.process.kill()
    wait(quick, lambda: quick.job is None)
    assert "ended unexpectedly" in quick.problem.message and quick.problem.remedy
    bpy.ops.t2a.dismiss()
    assert quick.problem is None
    bpy.ops.t2a.generate()
    wait(quick, lambda: quick.job.stage)
    assert quick.problem is None


@pytest.mark.parametrize(
    ("python", "message"),
    [("/nowhere/python", "/nowhere/python cannot be started"), (sys.executable, "this Python has no t2a")],
)
def test_a_python_that_will_not_do(session, python, message):
    bpy.context.preferences.addons[NAME].preferences.python = python
    bpy.ops.t2a.generate()
    wait(session, lambda: session.problem is not None)
    assert session.problem.message.startswith(message) and "add-on's preferences" in session.problem.remedy
    assert session.job is None


def test_what_the_worker_refuses_is_in_its_own_words(session):
    settings = bpy.context.scene.t2a
    settings.preset, settings.model = "dreamfusion", "no/such/model"
    bpy.ops.t2a.generate()
    wait(session, lambda: session.problem is not None)
    assert "no/such/model" in session.problem.message + session.problem.remedy


def test_buttons_are_grey_for_a_reason(session):
    bpy.context.scene.t2a.prompt = "  "
    assert not bpy.ops.t2a.generate.poll() and not bpy.ops.t2a.cancel.poll()
    operators = sys.modules[f"{NAME}.operators"]
    assert operators.refusal(bpy.context) == "Write what to make, first"
    bpy.context.preferences.addons[NAME].preferences.python = ""
    assert "preferences" in operators.refusal(bpy.context)


def test_disabling_stops_the_worker_and_enabling_begins_anew(quick):
    bpy.ops.t2a.generate()
    wait(quick, lambda: quick.job.stage)
    worker = quick.client.process.pid
    bpy.ops.preferences.addon_disable(module=NAME)
    assert not running(worker) and not hasattr(bpy.types.Scene, "t2a")
    bpy.ops.preferences.addon_enable(module=NAME)
    assert hasattr(bpy.types.Scene, "t2a")


def test_another_file_gets_the_result_in_its_list_but_not_in_its_scene(quick, tmp_path):
    bpy.ops.t2a.generate()
    wait(quick, lambda: quick.job.stage == "draw")
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    wait(quick, lambda: quick.job is None)
    for _ in range(3):
        quick.pump()
    assert not bpy.data.objects
    assert [entry.prompt for entry in bpy.context.scene.t2a.results] == ["a red ball"]
    assert bpy.ops.t2a.import_result() == {"FINISHED"}
    assert "a red ball" in bpy.data.objects
    # Saved and opened again the list is there, and so is the object's origin.
    file = str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.open_mainfile(filepath=file)
    assert [entry.prompt for entry in bpy.context.scene.t2a.results] == ["a red ball"]
    assert bpy.data.objects["a red ball"]["t2a_prompt"] == "a red ball"


def test_in_edit_mode_it_waits(quick):
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.t2a.generate()
    wait(quick, lambda: quick.job is None)
    for _ in range(3):
        quick.pump()
    assert quick.waiting and "a red ball" not in bpy.data.objects
    bpy.ops.object.mode_set(mode="OBJECT")
    wait(quick, lambda: not quick.waiting)
    assert "a red ball" in bpy.data.objects


def test_a_blender_that_dies_leaves_no_worker(package, tmp_path):
    script = tmp_path / "dies.py"
    script.write_text(
        "import bpy, os, sys, time\n"
        f"bpy.ops.extensions.package_install_files(filepath={str(package)!r}, repo='user_default', "
        "enable_on_install=True)\n"
        f"bpy.context.preferences.addons[{NAME!r}].preferences.python = os.environ['T2A_PYTHON']\n"
        f"bpy.context.preferences.addons[{NAME!r}].preferences.folder = {str(tmp_path)!r}\n"
        "bpy.context.scene.t2a.prompt = 'a red ball'\n"
        "bpy.ops.t2a.generate()\n"
        f"session = sys.modules[{NAME!r} + '.session']\n"
        "while not session.job.stage:\n"
        "    session.pump(); time.sleep(0.02)\n"
        "print('worker', session.client.process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path / "blender")}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, timeout=120)
    worker = int(next(line for line in done.stdout.splitlines() if line.startswith("worker")).split()[1])
    deadline = time.monotonic() + 20
    while running(worker):
        assert time.monotonic() < deadline, "the worker outlives Blender"
        time.sleep(0.1)
