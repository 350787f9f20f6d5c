"""Objects from pictures whose cameras are known: what photogrammetry and nerfstudio write."""
