"""A sentence to a textured mesh: writes mushroom.glb, mushroom.json (the report) and mushroom.png (8 views).

python samples/01_text_to_mesh.py
"""

import t2a

asset = t2a.text_to_3d("a red mushroom", seed=0)
asset.save("mushroom.glb")

report = asset.report
print(f"{report['triangles']} triangles, watertight: {report['watertight']}, passed: {report['passed']}")
