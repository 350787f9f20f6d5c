"""t2a within nerfstudio: a method for `ns-train`, and trained scenes as objects to edit.

`method` is what nerfstudio loads (an entry point), `checkpoint` reads what any of its methods has trained. Both need
nerfstudio in the same environment.
"""
