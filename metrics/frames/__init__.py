"""What several stages measure on every frame: fidelity to a reference, steadiness, motion, delivery."""
