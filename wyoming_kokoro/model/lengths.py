"""How long each item of a padded batch is, so that no layer takes padding for sound. Knows no weights.

A layer that is given `Lengths` makes of each item what it would make of that item alone: sums leave the
padding out, recurrences stop at an item's end, and a convolution finds the zeros behind that end which it
pads with itself. A layer given none has before it one item, or several equally long ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


@dataclass(frozen=True, eq=False)
class Lengths:
    """The items' own lengths at one rate; `times` gives those at another."""

    steps: Tensor
    """(batch,), whole numbers from 1, on the model's device."""

    longest: int
    """Steps of the padded batch, at least the largest of `steps`. A number, since a shape hangs on it."""

    @cached_property
    def is_padding(self) -> Tensor:
        """(batch, longest), true from an item's end on."""
        return torch.arange(self.longest, device=self.steps.device) >= self.steps.unsqueeze(1)

    @cached_property
    def on_host(self) -> Tensor:
        """`steps` where packed sequences want them; on a GPU, getting them waits for the work before."""
        return self.steps.cpu()

    def times(self, rate: int, *, extra: int = 0) -> Lengths:
        """The lengths at a rate so many times higher, and `extra` steps more."""
        return Lengths(self.steps * rate + extra, self.longest * rate + extra)


def zero_padding(x: Tensor, lengths: Lengths | None) -> Tensor:
    """x: (batch, channels, time) → as x, with zeros behind each item's end. Without lengths, x itself."""
    if lengths is None:
        return x
    # Not a product: where numbers overflowed behind an item's end, zero times infinity would be no number.
    return x.masked_fill(lengths.is_padding.unsqueeze(1), 0)


def run_lstm(lstm: nn.Module, x: Tensor, lengths: Lengths | None) -> Tensor:
    """lstm: an `nn.LSTM`, batch first; x: (batch, time, features) → (batch, time, both directions).

    Behind each item's end there are zeros.
    """
    if lengths is None:
        output, _ = lstm(x)
        return output
    packed = pack_padded_sequence(x, lengths.on_host, batch_first=True, enforce_sorted=False)
    output, _ = pad_packed_sequence(lstm(packed)[0], batch_first=True, total_length=lengths.longest)
    return output
