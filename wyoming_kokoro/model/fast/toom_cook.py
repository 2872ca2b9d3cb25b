"""Convolutions with a third of the products: the Toom–Cook algorithm over time. Pure mathematics, knows no machine.

n neighbouring outputs of a convolution with r taps need n·r products for each pair of channels. Seen as
polynomials, inputs and taps can be evaluated at n + r − 1 points instead, multiplied there, and the outputs read
off the products (Toom 1963, Cook 1966; for convolutions: Winograd, *Arithmetic Complexity of Computations*, 1980):

    y = output · ((kernel · taps) ⊙ (input · x)),    10 products for 30 with n = 5 and r = 6

Longer kernels are sums of such with six taps at most each. As outputs come in fives, the group of taps after the
next five has the points of the next five inputs, which are there already.

Of the points all but zero and infinity come in pairs, a and −a: what their rows have in common is computed once.
Which magnitudes they have decides how much of a number's accuracy is lost on the way (dev/LOG.md): with 12-bit
numbers in the middle three bits, in fp32 nothing that matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Transform:
    """The three matrices for one number of outputs and taps, (rows, columns) of fp64.

    The first point is zero, then come pairs of one number and its negative, and the last is infinity. Or there is one.
    """

    n_outputs: int
    """Of a tile: what one set of products gives. Tiles begin so far apart."""

    n_taps: int

    input: Tensor
    """(points, points): the inputs of a tile to their points. Rows are of length 1, so that points are about as large
    as inputs are."""

    kernel: Tensor
    """(points, taps)"""

    output: Tensor
    """(outputs, points)"""

    @property
    def n_points(self) -> int:
        """Products of a tile, and inputs that it hangs on."""
        return len(self.input)

    def n_groups(self, kernel_size: int) -> int:
        """How many such a kernel is the sum of. All but the last have as many taps as a tile has outputs."""
        return max(1, -(-(kernel_size - self.n_taps) // self.n_outputs) + 1)


def _transform(n_outputs: int, n_taps: int, magnitudes: tuple[Fraction, ...]) -> Transform:
    """The algorithm that evaluates at zero, at these numbers and their negatives, and at infinity.

    A product of polynomials, s = E⁻¹ (A a ⊙ G g) with Vandermonde matrices E, A and G, transposed is a
    correlation: y = Aᵀ (G g ⊙ E⁻ᵀ x).
    """
    points = (Fraction(0), *(sign * each for each in magnitudes for sign in (1, -1)))
    n_points = n_outputs + n_taps - 1
    assert len(points) == n_points - 1
    everything, outputs, taps = (
        [[point**power for power in range(size)] for point in points]
        + [[Fraction(power == size - 1) for power in range(size)]]
        for size in (n_points, n_outputs, n_taps)
    )
    inputs = _matrix(_inverse(everything)).t()
    sizes = inputs.norm(dim=1, keepdim=True)  # belongs to the taps as well as to the inputs
    return Transform(
        n_outputs, n_taps, inputs / sizes, _matrix(taps) * sizes, _matrix(outputs).t().contiguous()
    )


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


# The magnitudes that lose least, of all fractions with denominators up to 12 (dev/LOG.md).
_TWO_PAIRS = (Fraction(2, 3), Fraction(3, 2))
_THREE_PAIRS = (Fraction(1), Fraction(1, 2), Fraction(2))
_FOUR_PAIRS = (Fraction(4, 5), Fraction(5, 4), Fraction(5, 12), Fraction(12, 5))
_FIVE_PAIRS = (Fraction(1), Fraction(2, 3), Fraction(3, 2), Fraction(4, 11), Fraction(11, 4))
OF_ONE = Transform(1, 1, *[torch.ones(1, 1, dtype=torch.float64)] * 3)
"""Nothing is saved: a product of matrices, in the same numbers as convolutions."""

OF_TWO = _transform(5, 2, _TWO_PAIRS)
OF_THREE = _transform(6, 3, _THREE_PAIRS)
OF_THREE_IN_SHORT = _transform(4, 3, _TWO_PAIRS)
"""For short sequences and large kernels: reading the points of these takes longer than multiplying with them."""

OF_SEVEN = _transform(6, 7, _FIVE_PAIRS)
OF_ELEVEN = _transform(5, 6, _FOUR_PAIRS)  # in two groups
TRANSFORMS = (OF_ONE, OF_TWO, OF_THREE, OF_THREE_IN_SHORT, OF_SEVEN, OF_ELEVEN)

OF_BRAIN_FLOATS, OF_LONG_BRAIN_FLOATS = _transform(3, 4, _TWO_PAIRS), _transform(4, 5, _THREE_PAIRS)
"""For kernels of brain floats, in groups, up to seven taps and beyond: larger tiles would lose too many of their 8 digits."""


def transform_for(kernel_size: int, *, is_short: bool = False) -> Transform:
    """The one for a kernel of so many taps."""
    if is_short and kernel_size == OF_THREE_IN_SHORT.n_taps:
        return OF_THREE_IN_SHORT
    return next((each for each in TRANSFORMS if each.n_taps >= kernel_size), OF_ELEVEN)


def transform_for_brain_floats(kernel_size: int) -> Transform:
    """The same where points are brain floats."""
    if kernel_size <= OF_THREE_IN_SHORT.n_taps:
        return transform_for(kernel_size, is_short=True)
    return OF_BRAIN_FLOATS if kernel_size <= OF_SEVEN.n_taps else OF_LONG_BRAIN_FLOATS


def transform_of(points: Tensor, kernel_size: int) -> Transform:
    """The one by which `transform_kernel` came to these points."""
    found = transform_for(kernel_size)
    return found if found.n_points == len(points) else transform_for(kernel_size, is_short=True)


def transform_kernel(weight: Tensor, *, is_short: bool = False, transform: Transform | None = None) -> Tensor:
    """weight: (out, in, kernel) → (points, out, groups, in), fp64: each group of taps at its points.

    transform: another than `transform_for` has for such a kernel.
    """
    transform = transform_for(weight.shape[2], is_short=is_short) if transform is None else transform
    groups = []
    for group in range(n_groups := transform.n_groups(weight.shape[2])):
        first = group * transform.n_outputs
        n_taps = transform.n_taps if group == n_groups - 1 else transform.n_outputs
        taps = weight[..., first : first + n_taps].double()
        groups.append(F.pad(taps, (0, transform.n_taps - taps.shape[2])))
    return torch.einsum("pt,goit->pogi", transform.kernel, torch.stack(groups))


def kernel_of(points: Tensor, kernel_size: int) -> Tensor:
    """What `transform_kernel` was given, (out, in, kernel), but for rounding of the points since then; fp32."""
    transform = transform_of(points, kernel_size)
    taps = torch.einsum("tp,pogi->oigt", torch.linalg.pinv(transform.kernel), points.double())
    parts = [*taps[:, :, :-1, : transform.n_outputs].unbind(2), taps[:, :, -1]]
    return torch.cat(parts, dim=2)[..., :kernel_size].float().contiguous()


def in_16_bits(points: Tensor) -> tuple[Tensor, Tensor]:
    """points: (points, out, groups, in), from `transform_kernel` → integers, and what one is worth: (points, out)."""
    scale = points.abs().amax(dim=(2, 3)).clamp(min=1e-12) / _LARGEST
    return (points / scale[..., None, None]).round().to(torch.int16), scale.float()


# Of the 16 bits of a kernel's points 13 are used: sums of some 1,000 products then have room in 32 bits.
_LARGEST = 4095
