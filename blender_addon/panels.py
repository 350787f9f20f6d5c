# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab t2a in the 3D view's sidebar."""

import os
import textwrap

import bpy
import bpy.utils.previews

from . import guides, operators, session

WIDTH = 27
"""Letters of a line that fit the sidebar at its default width."""
_pictures: bpy.utils.previews.ImagePreviewCollection | None = None
_shown = ""
"""Path of the preview that has been loaded; it is loaded again for each new one."""


def duration(seconds: float) -> str:
    """4 -> "4 s", 200 -> "3 min 20 s"."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def paragraphs(layout, text: str, icon: str = "NONE") -> None:
    """Labels do not wrap by themselves."""
    for number, line in enumerate(textwrap.wrap(text, WIDTH)):
        layout.label(text=line, icon=icon if number == 0 else "NONE")


class Panel:
    bl_space_type, bl_region_type, bl_category = "VIEW_3D", "UI", "t2a"


class T2A_PT_generate(Panel, bpy.types.Panel):
    bl_label = "Generate"
    bl_idname = "T2A_PT_generate"

    def draw(self, context) -> None:
        layout, settings = self.layout, context.scene.t2a
        layout.prop(settings, "prompt", text="")
        column = layout.column()
        column.use_property_split, column.use_property_decorate = True, False
        column.prop(settings, "preset")
        if settings.preset != "pocket":
            column.prop(settings, "model")
        row = column.row(align=True)
        row.prop(settings, "seed")
        row.operator("t2a.reroll", text="", icon="FILE_REFRESH")
        column.prop(settings, "faces")
        column.prop(settings, "texture")
        column.prop(settings, "height")
        if session.job is None:
            row = layout.row()
            row.scale_y = 1.4
            row.operator("t2a.generate", icon="PLAY")
            if reason := operators.refusal(context):
                hint = layout.column()
                hint.active = False
                paragraphs(hint, reason)
        else:
            self.draw_job(layout, session.job)
        if session.waiting:
            paragraphs(layout.box(), "Finished. It will be added in Object Mode.", "INFO")
        if session.problem is not None:
            self.draw_problem(layout.box(), session.problem)

    @staticmethod
    def draw_job(layout, job) -> None:
        share = job.step / max(job.steps, 1)
        if job.stopping is not None:
            text = "Stopping..."
        elif not job.stage:
            text = "Starting..."
        else:
            left = "" if job.eta is None else f", {duration(job.eta)}"
            text = f"{job.stage.capitalize()} {share:.0%}{left}"
        if hasattr(layout, "progress"):
            layout.progress(factor=share, text=text)
        else:  # before Blender 4.0
            layout.label(text=text, icon="SORTTIME")
        if job.preview:
            layout.template_icon(icon_value=picture(job.preview), scale=7.0)
        layout.operator("t2a.cancel", icon="CANCEL")

    @staticmethod
    def draw_problem(box, problem) -> None:
        box.alert = True
        paragraphs(box, problem.message, "ERROR")
        if problem.remedy:
            paragraphs(box, problem.remedy)
        row = box.row()
        row.operator("t2a.copy_log", icon="COPYDOWN")
        row.operator("t2a.dismiss")


class T2A_PT_points(Panel, bpy.types.Panel):
    bl_label = "Points"
    bl_idname = "T2A_PT_points"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context) -> None:
        layout = self.layout
        column = layout.column()
        column.use_property_split, column.use_property_decorate = True, False
        column.prop(context.scene.t2a, "points")
        layout.operator("t2a.points", icon="PARTICLES")


class T2A_PT_sketch(Panel, bpy.types.Panel):
    bl_label = "Sketch"
    bl_idname = "T2A_PT_sketch"

    def draw(self, context) -> None:
        layout = self.layout
        column = layout.column()
        column.use_property_split, column.use_property_decorate = True, False
        column.prop(context.scene.t2a, "strictness", slider=True)
        count = len(guides.chosen(context))
        told = "Nothing is selected" if not count else f"{count} object{'s' if count > 1 else ''} selected"
        row = layout.row()
        row.active = bool(count)
        row.label(text=told, icon="MESH_CUBE")
        layout.operator("t2a.sketch", icon="MOD_SKIN")


class T2A_PT_paint(Panel, bpy.types.Panel):
    bl_label = "Paint"
    bl_idname = "T2A_PT_paint"

    def draw(self, context) -> None:
        layout, thing = self.layout, context.object
        known = thing is not None and thing.type == "MESH"
        row = layout.row()
        row.active = known
        row.label(text=thing.name if known else "No active mesh", icon="OUTLINER_OB_MESH")
        layout.operator("t2a.paint", icon="BRUSH_DATA")


class T2A_PT_edit(Panel, bpy.types.Panel):
    bl_label = "Edit"
    bl_idname = "T2A_PT_edit"

    def draw(self, context) -> None:
        layout, settings, thing = self.layout, context.scene.t2a, context.object
        layout.prop(settings, "instruction", text="")
        column = layout.column()
        column.use_property_split, column.use_property_decorate = True, False
        column.prop(settings, "geometry_change", slider=True)
        known = thing is not None and thing.type == "MESH"
        column.prop(settings, "where")
        if settings.where == "INSIDE":
            column.prop(settings, "mask")
        if settings.where == "GROUP" and known:
            column.prop_search(settings, "mask_group", thing, "vertex_groups")
        row = layout.row()
        row.active = known
        row.label(text=thing.name if known else "No active mesh", icon="OUTLINER_OB_MESH")
        layout.operator("t2a.edit", icon="MODIFIER")


class T2A_UL_results(bpy.types.UIList):
    def draw_item(self, context, layout, data, item, icon, active_data, active_name) -> None:
        layout.label(text=item.prompt, icon="CHECKMARK" if item.passed else "ERROR")


class T2A_PT_results(Panel, bpy.types.Panel):
    bl_label = "Results"
    bl_idname = "T2A_PT_results"

    @classmethod
    def poll(cls, context) -> bool:
        return bool(context.scene.t2a.results)

    def draw(self, context) -> None:
        layout, settings = self.layout, context.scene.t2a
        layout.template_list("T2A_UL_results", "", settings, "results", settings, "active_result", rows=3)
        chosen = settings.results[min(settings.active_result, len(settings.results) - 1)]
        column = layout.column(align=True)
        size = f"{chosen.points:,} points" if chosen.points else f"{chosen.triangles:,} triangles"
        column.label(text=f"Seed {chosen.seed}, {size}, {duration(chosen.seconds)}")
        if not chosen.points:
            column.label(text="All checks passed" if chosen.passed else "Some checks failed, see its report (.json)")
        row = layout.row(align=True)
        row.operator("t2a.import_result", icon="IMPORT").glb = chosen.glb
        row.operator("t2a.reuse", icon="LOOP_BACK")


def picture(path: str) -> int:
    """The icon of the newest preview; the file is replaced under its name, so it is read anew when it has changed."""
    global _shown
    try:
        stamp = f"{path}:{os.stat(path).st_mtime_ns}"
        if stamp != _shown:
            _pictures.clear()
            _pictures.load("preview", path, "IMAGE", force_reload=True)
            _shown = stamp
        return _pictures["preview"].icon_id
    except (OSError, KeyError):  # it is being replaced, or its job has just ended
        return 0


CLASSES = (
    T2A_PT_generate,
    T2A_PT_points,
    T2A_PT_sketch,
    T2A_PT_paint,
    T2A_PT_edit,
    T2A_UL_results,
    T2A_PT_results,
)


def register() -> None:
    global _pictures
    _pictures = bpy.utils.previews.new()
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    global _pictures, _shown
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
    bpy.utils.previews.remove(_pictures)
    _pictures, _shown = None, ""
