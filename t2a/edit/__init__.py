"""An object that exists is changed as an instruction says; what the instruction leaves alone stays as it is.

A model that edits pictures (t2a.priors.instruct) is shown the object from the cameras of the views that it is to draw.
What these views and their distances say of the edited object, where they differ from the object's own, becomes a scene,
which rounds of further edited views correct (iterative dataset update: Haque et al. 2023, Instruct-NeRF2NeRF). The
other way is score distillation with the object's views as the condition (Kamata et al. 2023, Instruct 3D-to-3D); it is
also that of models that do not know how far away what they draw is.

An edit that moves no outline keeps the mesh, bit by bit, and gives it another texture. Where the shape changes, the
mesh is made anew: of the edited scene where something has changed, and of the object elsewhere.
"""

from t2a.edit.pipeline import edit_3d, stages

__all__ = ["edit_3d", "stages"]
