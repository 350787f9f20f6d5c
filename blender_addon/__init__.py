# SPDX-License-Identifier: GPL-3.0-or-later
"""t2a in Blender: a panel that talks to `t2a worker`, a process of its own.

Nothing here imports torch or t2a. `client` is the process and its pipes, `session` the job that runs and what becomes
of it, `assets` what a result is in Blender; `properties`, `operators` and `panels` are what the user sees.
"""

from __future__ import annotations

from . import operators, panels, properties, session

# Blender before 4.2 reads this, and knows no blender_manifest.toml.
bl_info = {
    "name": "t2a",
    "description": "Turn a sentence into a textured mesh",
    "author": "t2a",
    "version": (0, 1, 0),
    "blender": (3, 4, 0),
    "location": "View3D > Sidebar > t2a",
    "category": "3D View",
}

MODULES = (properties, operators, panels, session)


def register() -> None:
    for module in MODULES:
        module.register()


def unregister() -> None:
    for module in reversed(MODULES):
        module.unregister()
