"""A view of a state dict below a prefix, for parts that know their own names only."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping

from torch import Tensor

_LAID_OUT = " laid out"


class Weights:
    """`Weights(state, "decoder.")["encode.conv1.weight"]` is `state["decoder.encode.conv1.weight"]`."""

    def __init__(self, state: MutableMapping[str, Tensor], prefix: str = "") -> None:
        self._state = state
        self._prefix = prefix

    def __getitem__(self, name: str) -> Tensor:
        return self._state[self._prefix + name]

    def take(self, name: str) -> Tensor:
        """The tensor, which is then no longer among the weights: its owner keeps it in a form of its own."""
        return self._state.pop(self._prefix + name)

    def laid_out(self, name: str, lay_out: Callable[[Tensor], Tensor]) -> Tensor:
        """The tensor in the order in which its owner reads it, which is made unless the weights have been kept so.

        It takes the tensor's place, of which its shape and type are left, on the meta device.
        """
        here = self._prefix + name
        if here + _LAID_OUT not in self._state:
            tensor = self._state[here]
            self._state[here + _LAID_OUT] = lay_out(tensor)
            self._state[here] = tensor.to("meta")
        return self._state[here + _LAID_OUT]

    def __contains__(self, name: str) -> bool:
        return self._prefix + name in self._state

    def below(self, name: str) -> Weights:
        """The weights of a part: those whose names start with `name` and a dot."""
        return Weights(self._state, f"{self._prefix}{name}.")
