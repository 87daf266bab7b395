"""A small renderer in arrays: gradient noise, a lit sky, a reflecting sea, terrain by marching, fire and rain."""
