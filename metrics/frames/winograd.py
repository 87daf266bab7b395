"""Convolutions by Winograd's minimal filtering: the same sums with a third of the multiplications.

An inner product of ``t`` taps at 4 neighbouring places takes 4·t multiplications; as a product of polynomials known at
4 + t - 1 points it takes that many. In two dimensions 3×3 taps need 2.25 per pixel instead of 9, 5×5 need 4 instead
of 25; what is saved pays for the change of basis many times over once there are dozens of channels. Float32 keeps five
digits. Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016.
"""

from __future__ import annotations

from typing import Any

OUTPUTS = 4
"""Results along one side of a tile."""
_POINTS = (0, 1, -1, 2, -2, 0.5, -0.5)
"""Where the polynomials are known, besides infinity: small numbers keep the rounding small."""
_TILES = 256
"""Tiles worked on at once: they stay in the cache, and memory does not grow with the picture."""


class Convolution:
    """A ``torch.nn.Conv2d`` of stride 1, square taps (3 or 5) and padding, applied the short way."""

    def __init__(self, layer: Any) -> None:
        import numpy as np
        import torch

        weight = layer.weight.detach().double().numpy()  # (out, in, taps, taps)
        taps = weight.shape[-1]
        to_results, to_points, to_sums = _bases(OUTPUTS, taps)
        self._side = OUTPUTS + taps - 1
        self._padding = layer.padding[0]
        weight = np.einsum("pi,ocij,qj->qpoc", to_points, weight, to_points)
        self._weight = torch.from_numpy(weight.reshape(-1, *weight.shape[2:])).float()  # (points, out, in)
        self._spread = torch.from_numpy(to_sums).float()
        self._gather = torch.from_numpy(to_results.copy()).float()
        self._bias = layer.bias.detach().view(-1, 1, 1)

    def __call__(self, x: Any) -> Any:
        """``x`` is float32, shape (n, channels, h, w); so is the result."""
        import torch
        from torch.nn.functional import pad

        images, _, height, width = x.shape
        down, across = -(-height // OUTPUTS), -(-width // OUTPUTS)
        before, beyond = self._padding, self._side - OUTPUTS - self._padding
        x = pad(x, (before, across * OUTPUTS - width + beyond, before, down * OUTPUTS - height + beyond))
        rows = max(1, _TILES // (images * across))
        reach = self._side - OUTPUTS
        strips = [
            self._tiles(x[:, :, top * OUTPUTS : (top + rows) * OUTPUTS + reach], across) for top in range(0, down, rows)
        ]
        return torch.cat(strips, 2)[:, :, :height, :width] + self._bias

    def _tiles(self, x: Any, across: int) -> Any:
        """A strip of whole tiles: to points along y, then x; the products; back along x, then y."""
        import torch

        images, channels, height, _ = x.shape
        side, down = self._side, (height - self._side) // OUTPUTS + 1
        rows = x.unfold(2, side, OUTPUTS).permute(4, 1, 0, 2, 3).reshape(side, -1)
        rows = (self._spread @ rows).view(side, channels, images, down, -1)
        tiles = rows.unfold(4, side, OUTPUTS).permute(5, 0, 1, 2, 3, 4).reshape(side, -1)
        values = (self._spread @ tiles).view(side * side, channels, -1)
        products = torch.bmm(self._weight, values)
        columns = (self._gather @ products.view(side, -1)).view(OUTPUTS, side, -1)
        sums = (self._gather @ columns).view(OUTPUTS, OUTPUTS, -1, images, down, across)
        return sums.permute(3, 2, 4, 1, 5, 0).reshape(images, -1, down * OUTPUTS, across * OUTPUTS)


def _bases(outputs: int, taps: int) -> tuple[Any, Any, Any]:
    """Matrices from products to results, from taps to points and from samples to points (Toom and Cook's)."""
    import numpy as np

    count = outputs + taps - 1
    points = np.array(_POINTS[: count - 1], float)

    def powers(degree: int) -> Any:
        at_infinity = np.eye(1, degree, degree - 1)
        return np.vstack((np.vander(points, degree, increasing=True), at_infinity))

    scale = np.array([*(np.prod([one - other for other in points if other != one]) for one in points), 1.0])[:, None]
    return powers(outputs).T, powers(taps) / scale, np.linalg.inv(powers(count)).T * scale
