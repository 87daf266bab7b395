"""How well a matte fits: region, contour, opacity."""
