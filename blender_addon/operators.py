# SPDX-License-Identifier: GPL-3.0-or-later
"""What the buttons do."""

import random
from pathlib import Path

import bpy
from bpy.props import StringProperty as Text

from . import assets, canvas, guides, ply, properties, session

GROWING = 40
"""Cells along an edge of the coarse mesh that shows an object while it grows: more would hold Blender up."""


def refusal(context, prompt: str | None = None) -> str:
    """Why nothing can be made now of the panel's prompt, or of another one; empty if it can."""
    if session.job is not None:
        return "A job is running"
    if not properties.preferences(context).python:
        return "Choose the Python that has t2a, in the add-on's preferences"
    if not (context.scene.t2a.prompt if prompt is None else prompt).strip():
        return "Write what to make, first" if prompt is None else "Write what to change, first"
    return ""


def free(cls, reason: str) -> bool:
    """Whether a button can be pressed; if not, it says why."""
    if reason:
        cls.poll_message_set(reason)
    return not reason


def start(operator, context, further=None, kind="generate") -> set:
    """Ask for what the panel says, and with the options that `further(output)` adds for an output's path."""
    settings = context.scene.t2a
    folder = properties.folder(context)
    prompt = settings.instruction if kind == "edit" else settings.prompt
    output = session.fresh_path(folder, prompt, settings.seed, ".ply" if kind == "points" else ".glb")
    options = {
        "seed": settings.seed,
        "faces": settings.faces,
        "texture": int(settings.texture),
        "height": settings.height * context.scene.unit_settings.scale_length,
        "offline": properties.offline(),
        "preview_resolution": GROWING,
    }
    if settings.model:
        options["model"] = settings.model
    at = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if further is not None:
            more, at = further(output)
            options.update(more)
    except OSError as error:
        operator.report({"ERROR"}, f"{folder} cannot be written to: {error.strerror or error}; choose another folder")
        return {"CANCELLED"}
    request = {"type": kind, "prompt": prompt, "output": str(output), "preset": settings.preset}
    about = {"height": options["height"] / context.scene.unit_settings.scale_length}
    if kind == "points":
        del request["preset"]
        options = {"seed": settings.seed, "count": settings.points, "offline": options["offline"]}
    elif kind != "generate":
        request["mesh"] = options.pop("mesh")
        about = {"painted" if kind == "paint" else "replaces": context.object.name}
        del options["height"], options["preview_resolution"]
    if kind == "paint":
        del options["faces"]
    session.begin(properties.preferences(context).python, {**request, "options": options}, at, **about)
    return {"FINISHED"}


class T2A_OT_generate(bpy.types.Operator):
    """Make the object that the prompt describes, and place it at the 3D cursor"""

    bl_idname = "t2a.generate"
    bl_label = "Generate"

    @classmethod
    def poll(cls, context) -> bool:
        return free(cls, refusal(context))

    def execute(self, context) -> set:
        return start(self, context)


class T2A_OT_points(bpy.types.Operator):
    """Make a cloud of colored points of what the prompt describes, in seconds, and place it at the 3D cursor"""

    bl_idname = "t2a.points"
    bl_label = "Generate Points"

    @classmethod
    def poll(cls, context) -> bool:
        return free(cls, refusal(context))

    def execute(self, context) -> set:
        return start(self, context, kind="points")


class T2A_OT_sketch(bpy.types.Operator):
    """Make what the prompt describes in the shape of the selected objects, and place it over them"""

    bl_idname = "t2a.sketch"
    bl_label = "Generate from Selection"

    @classmethod
    def poll(cls, context) -> bool:
        nothing = "" if guides.chosen(context) else "Select the objects whose shape counts"
        return free(cls, refusal(context) or nothing)

    def execute(self, context) -> set:
        settings = context.scene.t2a

        def with_guide(output: Path) -> tuple:
            path = output.with_suffix(".guide.obj")
            low, high = guides.write(context, path)
            height = (high[2] - low[2]) * context.scene.unit_settings.scale_length
            told = {"init": str(path), "init_up": "z", "strictness": round(settings.strictness, 3), "height": height}
            return told, ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2])

        try:
            return start(self, context, with_guide)
        except guides.Empty as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}


class T2A_OT_paint(bpy.types.Operator):
    """Give the active mesh a texture as the prompt describes, in a new material; its shape stays"""

    bl_idname = "t2a.paint"
    bl_label = "Paint Active Object"

    @classmethod
    def poll(cls, context) -> bool:
        return free(cls, refusal(context) or canvas.refusal(context))

    def execute(self, context) -> set:
        def with_mesh(output: Path) -> tuple:
            path = output.with_suffix(".mesh.obj")
            canvas.write(context, path)
            return {"mesh": str(path), "init_up": "z"}, None

        try:
            return start(self, context, with_mesh, "paint")
        except canvas.Empty as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}


class T2A_OT_edit(bpy.types.Operator):
    """Change the active object as the instruction says. The changed one stands in its place; the old one is hidden"""

    bl_idname = "t2a.edit"
    bl_label = "Edit Active Object"

    @classmethod
    def poll(cls, context) -> bool:
        return free(cls, refusal(context, context.scene.t2a.instruction) or canvas.refusal(context))

    def execute(self, context) -> set:
        settings = context.scene.t2a

        def with_object(output: Path) -> tuple:
            path = output.with_suffix(".source.glb")
            canvas.export(context, context.object, path)
            told = {"mesh": str(path), "geometry_change": round(settings.geometry_change, 3)}
            mask = output.with_suffix(".mask.glb")
            if settings.where == "INSIDE" and settings.mask is not None:
                canvas.export(context, settings.mask, mask)
            elif settings.where in ("GROUP", "FACES"):
                group = settings.mask_group if settings.where == "GROUP" else None
                canvas.export_faces(context, context.object, mask, group)
            if mask.is_file():
                told["edit_mask"] = str(mask)
            return told, (0.0, 0.0, 0.0)

        try:
            return start(self, context, with_object, "edit")
        except (canvas.Empty, RuntimeError) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}


class T2A_OT_reroll(bpy.types.Operator):
    """Make the same prompt again with a new random seed"""

    bl_idname = "t2a.reroll"
    bl_label = "New Seed"

    @classmethod
    def poll(cls, context) -> bool:
        return T2A_OT_generate.poll(context)

    def execute(self, context) -> set:
        context.scene.t2a.seed = random.SystemRandom().randrange(properties.SEEDS)
        return bpy.ops.t2a.generate()


class T2A_OT_cancel(bpy.types.Operator):
    """Stop the job that runs"""

    bl_idname = "t2a.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context) -> bool:
        return session.job is not None and session.job.stopping is None

    def execute(self, context) -> set:
        session.cancel()
        return {"FINISHED"}


class T2A_OT_import_result(bpy.types.Operator):
    """Place the asset at the 3D cursor"""

    bl_idname = "t2a.import_result"
    bl_label = "Add to Scene"
    bl_options = {"REGISTER", "UNDO"}

    glb: Text(options={"HIDDEN", "SKIP_SAVE"}, description="Which of the results; empty for the selected one")

    @classmethod
    def poll(cls, context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave to Object Mode, first")
            return False
        return bool(context.scene.t2a.results)

    def execute(self, context) -> set:
        settings = context.scene.t2a
        chosen = [entry for entry in settings.results if entry.glb == self.glb] or [
            settings.results[min(settings.active_result, len(settings.results) - 1)]
        ]
        if not Path(chosen[0].glb).is_file():
            self.report({"ERROR"}, f"{chosen[0].glb} is gone; generate it again with its seed")
            return {"CANCELLED"}
        try:
            assets.bring_in(context, chosen[0])
        except (RuntimeError, OSError, ply.Unreadable) as error:
            self.report({"ERROR"}, f"{chosen[0].glb} cannot be imported: {error}")
            return {"CANCELLED"}
        return {"FINISHED"}


class T2A_OT_reuse(bpy.types.Operator):
    """Take over the prompt, the preset and the seed of the selected result"""

    bl_idname = "t2a.reuse"
    bl_label = "Use Settings"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context) -> bool:
        return bool(context.scene.t2a.results)

    def execute(self, context) -> set:
        settings = context.scene.t2a
        chosen = settings.results[min(settings.active_result, len(settings.results) - 1)]
        settings.prompt, settings.seed = chosen.prompt, chosen.seed
        if chosen.preset in (name for name, *_ in properties.PRESETS):
            settings.preset = chosen.preset
        return {"FINISHED"}


class T2A_OT_copy_log(bpy.types.Operator):
    """Copy all that is known about the error, for a report"""

    bl_idname = "t2a.copy_log"
    bl_label = "Copy Log"

    @classmethod
    def poll(cls, context) -> bool:
        return session.problem is not None

    def execute(self, context) -> set:
        problem = session.problem
        context.window_manager.clipboard = "\n".join(filter(None, (problem.message, problem.remedy, problem.log)))
        return {"FINISHED"}


class T2A_OT_dismiss(bpy.types.Operator):
    """Take the error away"""

    bl_idname = "t2a.dismiss"
    bl_label = "Dismiss"

    def execute(self, context) -> set:
        session.problem = None
        return {"FINISHED"}


class T2A_OT_check(bpy.types.Operator):
    """Start t2a with this Python, and see whether it answers"""

    bl_idname = "t2a.check"
    bl_label = "Check"

    @classmethod
    def poll(cls, context) -> bool:
        if session.job is not None:
            cls.poll_message_set("A job is running")
        return session.job is None

    def execute(self, context) -> set:
        python = properties.preferences(context).python
        session.disconnect()
        session.problem = None
        if not python:
            session.problem = session.Problem("no Python is chosen", "choose the one into which t2a was installed")
            return {"FINISHED"}
        try:
            session.connect(python)
        except OSError as error:
            session.problem = session.Problem(f"{python} cannot be started: {error.strerror or error}")
        return {"FINISHED"}


CLASSES = (
    T2A_OT_generate,
    T2A_OT_points,
    T2A_OT_sketch,
    T2A_OT_paint,
    T2A_OT_edit,
    T2A_OT_reroll,
    T2A_OT_cancel,
    T2A_OT_import_result,
    T2A_OT_reuse,
    T2A_OT_copy_log,
    T2A_OT_dismiss,
    T2A_OT_check,
)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
