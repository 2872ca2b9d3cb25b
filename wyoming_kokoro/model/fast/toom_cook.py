"""Convolutions with half the products: the Toom–Cook algorithm over time. Pure mathematics, knows no machine.

Four neighbouring outputs of a convolution with r taps need 4·r products for each pair of channels. Seen as
polynomials, inputs and taps can be evaluated at 4 + r − 1 points instead, multiplied there, and the outputs read
off the products (Toom 1963, Cook 1966; for convolutions: Winograd, *Arithmetic Complexity of Computations*, 1980):

    y = output · ((kernel · taps) ⊙ (input · x)),    7 products for 16 with r = 4, 6 for 12, 5 for 8

Longer kernels are sums of such with four taps each. As outputs come in fours, the group of taps after the
next has the points of the next four inputs, which are there already. What the transforms cost is a few per cent.

Numerically harmless with these points: 12-bit numbers in the middle lose two bits of their accuracy on the way
out, fp32 loses nothing that matters (dev/LOG.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import Tensor

N_OUTPUTS = 4
"""Of a tile: what one set of products gives."""


@dataclass(frozen=True)
class Transform:
    """The three matrices for one number of taps, (rows, columns) of fp64."""

    n_taps: int

    input: Tensor
    """(points, points): the inputs of a tile to their points. Rows add up to 1 in magnitude, so no point is larger
    than the largest input."""

    kernel: Tensor
    """(points, taps)"""

    output: Tensor
    """(outputs, points)"""

    @property
    def n_points(self) -> int:
        """Products of a tile, and inputs that it hangs on."""
        return len(self.input)


def _transform(n_taps: int, points: tuple[Fraction, ...]) -> Transform:
    """The algorithm that evaluates at these points and at infinity.

    A product of polynomials, s = E⁻¹ (A a ⊙ G g) with Vandermonde matrices E, A and G, transposed is a
    correlation: y = Aᵀ (G g ⊙ E⁻ᵀ x).
    """
    n_points = N_OUTPUTS + n_taps - 1
    assert len(points) == n_points - 1
    everything, outputs, taps = (
        [[point**power for power in range(size)] for point in points]
        + [[Fraction(power == size - 1) for power in range(size)]]
        for size in (n_points, N_OUTPUTS, n_taps)
    )
    inputs = _matrix(_inverse(everything)).t()
    sizes = inputs.abs().sum(dim=1, keepdim=True)  # belongs to the taps as well as to the inputs
    return Transform(n_taps, inputs / sizes, _matrix(taps) * sizes, _matrix(outputs).t().contiguous())


def _matrix(rows: list[list[Fraction]]) -> Tensor:
    return torch.tensor([[float(value) for value in row] for row in rows], dtype=torch.float64)


def _inverse(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """By Gauß and Jordan, exactly."""
    size = len(rows)
    work = [[*row, *(Fraction(index == column) for column in range(size))] for index, row in enumerate(rows)]
    for column in range(size):
        pivot = next(index for index in range(column, size) if work[index][column])
        work[column], work[pivot] = work[pivot], work[column]
        head = work[column][column]
        work[column] = [value / head for value in work[column]]
        for index in range(size):
            if index != column and (factor := work[index][column]):
                work[index] = [a - factor * b for a, b in zip(work[index], work[column], strict=True)]
    return [row[size:] for row in work]


# Of the points tried these lose least: rounding in the middle is amplified 2.6 and 3.6 times on the way out.
_HALF = Fraction(1, 2)
OF_TWO = _transform(2, (Fraction(0), Fraction(1), Fraction(-1), _HALF))
OF_THREE = _transform(3, (Fraction(0), Fraction(1), Fraction(-1), _HALF, Fraction(-2)))
OF_FOUR = _transform(4, (Fraction(0), Fraction(1), Fraction(-1), _HALF, -_HALF, Fraction(2)))
TRANSFORMS = (OF_TWO, OF_THREE, OF_FOUR)


def transform_for(kernel_size: int) -> Transform:
    """The one with the fewest products for a kernel of two taps or more."""
    assert kernel_size > 1
    return next((each for each in TRANSFORMS if each.n_taps >= kernel_size), OF_FOUR)


def transform_of(n_points: int) -> Transform:
    """The one with so many points."""
    return next(each for each in TRANSFORMS if each.n_points == n_points)


def transform_kernel(weight: Tensor) -> Tensor:
    """weight: (out, in, kernel) → (points, out, groups, in), fp64: each group of taps at its points."""
    transform = transform_for(weight.shape[2])
    taps = F.pad(weight.double(), (0, -weight.shape[2] % transform.n_taps))
    out_channels, in_channels, _ = taps.shape
    groups = taps.view(out_channels, in_channels, -1, transform.n_taps)
    return torch.einsum("pt,oigt->pogi", transform.kernel, groups)


def kernel_of(points: Tensor, kernel_size: int) -> Tensor:
    """What `transform_kernel` was given, (out, in, kernel), but for rounding of the points since then; fp32."""
    transform = transform_of(len(points))
    taps = torch.einsum("tp,pogi->oigt", torch.linalg.pinv(transform.kernel), points.double())
    return taps.flatten(2)[..., :kernel_size].float().contiguous()


def in_16_bits(points: Tensor) -> tuple[Tensor, Tensor]:
    """points: (points, out, groups, in), from `transform_kernel` → integers, and what one is worth: (points, out)."""
    scale = points.abs().amax(dim=(2, 3)).clamp(min=1e-12) / _LARGEST
    return (points / scale[..., None, None]).round().to(torch.int16), scale.float()


# Of the 16 bits of a kernel's points 13 are used: sums of some 1,000 products then have room in 32 bits.
_LARGEST = 4095
