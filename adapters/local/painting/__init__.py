"""A procedural painter: words to a scene, a scene to layers of shapes, shapes to paper or watercolour."""
