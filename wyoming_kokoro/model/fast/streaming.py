"""The generator in pieces: samples of a sentence's beginning before its end has been computed.

A convolution needs its neighbours, AdaIN the mean and variance of the whole sentence. Neighbours are kept:
every layer holds on to the last rows of its input, so each row is computed once, and pieces join as if they
had never been apart. Mean and variance are given: measured in an earlier run of the same sentence, where pieces
equal the whole (but for rounding in 16 bits, which hangs on where a tile begins), or predicted (`statistics.py`).

All layers move in step. Of one that looks `reach` rows ahead, what it makes lies `reach` rows behind what it is
fed; such delays add up, and what comes the shorter way waits. A layer is fed rows before the signal's first and
after its last, too, which it takes for zero. So the shapes in a piece hang on its size alone, at the beginning
and the end of a sentence as in the middle: oneDNN spends up to a fifth of a short sentence on new ones.

Streams are made for an utterance, fed, and dropped; the layers they run hold no state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from wyoming_kokoro.model.fast.blocks import LayerStyle, Moments, SnakeBlock, SnakeConvolution
from wyoming_kokoro.model.fast.sound import FastGenerator, GeneratorStyle, Stage
from wyoming_kokoro.model.fast.source import SourceStream

# The columns that the inverse transform of a piece needs of the one before.
_OVERLAPPING_COLUMNS = 3


class _Line:
    """A signal's newest rows, and as many of those before them as somebody will still need."""

    def __init__(self, n_kept: int, channels: int, dtype: torch.dtype = torch.float32) -> None:
        self._n_kept = n_kept
        self.rows = torch.zeros(n_kept, channels, dtype=dtype)
        """Those kept, then the newest."""

    def move_on(self, n_rows: int) -> Tensor:
        """Forgets what is too old; returns the room for so many new rows, their content not yet written."""
        n_kept, old = self._n_kept, self.rows
        self.rows = torch.empty(n_kept + n_rows, old.shape[1], dtype=old.dtype)
        self.rows[:n_kept] = old[len(old) - n_kept :]
        return self.rows[n_kept:]

    def forget(self) -> None:
        """Lets go of what nobody will need: between two pieces other streams want the room, too."""
        self.rows = self.rows[len(self.rows) - self._n_kept :].clone()

    def delayed(self, delay: int, n_more: int = 0) -> Tensor:
        """As many rows as are new, those from so far before them, and some more of those before these."""
        assert delay + n_more <= self._n_kept
        return self.rows[self._n_kept - delay - n_more : len(self.rows) - delay]


class _Place:
    """Where in a signal of known length its newest rows are."""

    def __init__(self, position: int, length: int) -> None:
        """position: of the next row, which may lie before the signal's first."""
        self.position = position
        self._length = length

    def move_on(self, n_rows: int, n_more: int = 0) -> range:
        """Which of the next rows, and of some more before them, are inside of the signal."""
        start, n_all = self.position - n_more, n_rows + n_more
        first = min(max(-start, 0), n_all)
        last = min(max(self._length - start, first), n_all)
        self.position += n_rows
        return range(first, last)

    def clear_outside(self, rows: Tensor) -> None:
        """rows: the next ones."""
        inside = self.move_on(len(rows))
        rows[: inside.start] = 0
        rows[inside.stop :] = 0


class _ConvolutionStream:
    """One Snake convolution."""

    def __init__(
        self, layer: SnakeConvolution, style: LayerStyle, moments: Tensor, place: _Place, wanted: range
    ) -> None:
        """wanted: of the rows that it makes, those that anything to be heard hangs on."""
        self._layer, self._style, self._place, self._wanted = layer, style, place, wanted
        self._affine = layer.affine(moments, style)

    def step(self, line: _Line, delay: int, out: Tensor | None, added: Sequence[Tensor] = ()) -> Tensor:
        """Takes the newest rows of a line, `delay` old → as many rows, `reach` behind them."""
        n_more = 2 * self._layer.reach
        x = line.delayed(delay, n_more)
        n_rows = len(x) - n_more
        wanted = self._wanted_of_next(n_rows)
        inside = self._place.move_on(n_rows, n_more)
        if len(wanted) < n_rows:
            out = torch.empty(n_rows, x.shape[1]) if out is None else out
            out[: wanted.start] = 0
            out[wanted.stop :] = 0
            if wanted:
                part = slice(wanted.start, wanted.stop)
                x = x[wanted.start : wanted.stop + n_more]
                inside = range(
                    min(max(inside.start - wanted.start, 0), len(x)),
                    min(max(inside.stop - wanted.start, 0), len(x)),
                )
                self._convolve(x, inside, out[part], [each[part] for each in added])
            return out
        return self._convolve(x, inside, out, added)

    def _wanted_of_next(self, n_rows: int) -> range:
        """Which of the next rows to make. The others are spared only where a new length costs nothing."""
        if not self._layer.is_fused:
            return range(n_rows)
        position = self._place.position - self._layer.reach
        first = min(max(self._wanted.start - position, 0), n_rows)
        return range(first, min(max(self._wanted.stop - position, first), n_rows))

    def _convolve(self, x: Tensor, inside: range, out: Tensor | None, added: Sequence[Tensor]) -> Tensor:
        result, _ = self._layer(
            x, self._affine, self._style, inside=inside, added=added, out=out, wants_moments=False
        )
        return result


class _BlockStream:
    """One Snake block: pairs of convolutions, each pair's result added to its input."""

    def __init__(
        self,
        block: SnakeBlock,
        style: Sequence[LayerStyle],
        moments: Sequence[Tensor],
        position: int,
        length: int,
        wanted: range,
    ) -> None:
        """position: of the next row of its input; wanted: the rows of its result that are to be made, at least."""
        wanted = _wider(wanted, block_delay(block))
        self._pairs: list[tuple[_ConvolutionStream, _ConvolutionStream]] = []
        self._lines: list[_Line] = []  # the inputs of the pairs but the first
        self._between: list[_Line] = []  # and of their second halves
        for index in range(0, len(block.layers), 2):
            first, second = block.layers[index : index + 2]
            if index:
                self._lines.append(_Line(rows_kept(block, index), first.channels))
            self._between.append(_Line(2 * second.reach, second.channels))
            streams = []
            for layer in range(index, index + 2):
                each = block.layers[layer]
                wanted = _wider(wanted, -each.reach)
                place = _Place(position, length)
                streams.append(_ConvolutionStream(each, style[layer], moments[layer], place, wanted))
                position -= each.reach
            self._pairs.append((streams[0], streams[1]))
        self._delays = [pair_delay(block, index) for index in range(0, len(block.layers), 2)]

    def step(
        self, line: _Line, delay: int, added: Sequence[Tensor] = (), out: Tensor | None = None
    ) -> Tensor:
        """Takes the newest rows of a line, `delay` old → the result, and what is `added` to it."""
        last = len(self._pairs) - 1
        for index, ((first, second), between) in enumerate(zip(self._pairs, self._between, strict=True)):
            x = line.delayed(delay + self._delays[index])
            first.step(line, delay, between.move_on(len(x)))
            if index == last:
                result = second.step(between, 0, out, (x, *added))
            else:
                result = second.step(between, 0, self._lines[index].move_on(len(x)), (x,))
            between.forget()
            if index:
                line.forget()
            if index < last:
                line, delay = self._lines[index], 0
        return result


def _wider(rows: range, n_rows: int) -> range:
    """By so many at either end."""
    return range(rows.start - n_rows, rows.stop + n_rows)


def pair_delay(block: SnakeBlock, index: int) -> int:
    """Rows by which a pair's result, the one that begins with this layer, is behind its input."""
    return block.layers[index].reach + block.layers[index + 1].reach


def rows_kept(block: SnakeBlock, index: int) -> int:
    """Of a pair's input, for what it looks back at and for what its result is added to."""
    return max(2 * block.layers[index].reach, pair_delay(block, index))


def block_delay(block: SnakeBlock) -> int:
    """The same for a block as a whole."""
    return sum(layer.reach for layer in block.layers)


class _StageStream:
    """Upsamples, adds what the source has to say, refines; in sums of blocks, not yet divided by their number."""

    def __init__(
        self,
        stage: Stage,
        gain: float,
        source: SourceStream,
        style: Sequence[Sequence[LayerStyle]],
        moments: Iterator[Tensor],
        position: int,
        length: int,
        start: int,
        wanted: range,
    ) -> None:
        """position: of the first row that will come in; length: of the signal that it is from.

        start: of the part of the utterance that is fed, at the rate of what comes out. wanted: the rows of that which
        are to be made, at least.
        """
        self._stage, self._gain, self._source = stage, gain, source
        self._upsampling = _Line(1, stage.in_channels, stage.upsample.dtype)
        self._place_in = _Place(position, length)
        length = length * stage.rate + stage.is_last
        self._position = position * stage.rate - stage.cut + stage.is_last  # of the next upsampled row

        def block_stream(index: int, block: SnakeBlock, position: int, wanted: range) -> _BlockStream:
            its_moments = [next(moments) for _ in block.layers]
            return _BlockStream(block, style[index], its_moments, position, length, wanted)

        source_block = stage.source_block
        self._source_delay = block_delay(source_block)
        # The source is known beforehand, so it need not wait: it runs ahead by what its block is behind.
        fed_from = self._position + self._source_delay
        n_ahead = max(0, fed_from + self._source_delay - start)
        self._source_line = _Line(rows_kept(source_block, 0), stage.channels)
        self._delay = max(block_delay(block) for block in stage.blocks)
        of_blocks = _wider(wanted, self._delay)
        self._source_block = block_stream(0, source_block, fed_from - n_ahead, of_blocks)
        if n_ahead:
            self._speak_source(fed_from - n_ahead, n_ahead)

        self._lags = [self._delay - block_delay(block) for block in stage.blocks]
        n_kept = max(lag + rows_kept(block, 0) for lag, block in zip(self._lags, stage.blocks, strict=True))
        self._line = _Line(n_kept, stage.channels)
        self._blocks = [
            block_stream(index, block, self._position - lag, wanted)
            for index, (block, lag) in enumerate(zip(stage.blocks, self._lags, strict=True), 1)
        ]
        self.out_position = self._position - self._delay
        self.out_length = length

    def _speak_source(
        self, position: int, n_rows: int, *, added: Sequence[Tensor] = (), out: Tensor | None = None
    ) -> None:
        """What the source has to say to the rows from `position - source_delay` on."""
        stage = self._stage
        first = position * stage.source_stride - stage.source_margin
        n_columns = (n_rows - 1) * stage.source_stride + stage.source_kernel_size
        from_source = stage.from_source(self._source.columns(first, first + n_columns))
        self._source_line.move_on(n_rows).copy_(from_source)
        self._source_block.step(self._source_line, 0, added, out)
        self._source_line.forget()

    def step(self, x: Tensor) -> Tensor:
        """x: (rows, in_channels) → (rows * rate, channels)."""
        stage = self._stage
        room = self._upsampling.move_on(len(x))
        stage.activate_input(x, self._gain, room)
        self._place_in.clear_outside(room)
        upsampled = stage.upsample(self._upsampling.rows).view(len(x) * stage.rate, -1)
        self._upsampling.forget()
        if stage.is_last and 0 <= (first := -self._position) < len(upsampled):
            upsampled[first] = upsampled[first + 2]  # see `Stage`; the three come from one row
        both = self._line.move_on(len(upsampled))
        self._speak_source(self._position + self._source_delay, len(upsampled), added=(upsampled,), out=both)
        self._position += len(upsampled)
        total: Tensor | None = None
        for block, lag in zip(self._blocks, self._lags, strict=True):
            total = block.step(self._line, lag, () if total is None else (total,), total)
        assert total is not None
        self._line.forget()
        return total


class GeneratorStream:
    """One utterance's samples from its features, as many at a time as one likes."""

    def __init__(
        self,
        generator: FastGenerator,
        features: Tensor,
        source: SourceStream,
        style: GeneratorStyle,
        moments: Moments,
        wanted: range | None = None,
    ) -> None:
        """features: (2 * frames, initial_channels); wanted: the rows of them to be heard, by default all.

        moments: of the whole utterance, as `FastGenerator` sees them.
        """
        self._generator, self._features = generator, features
        wanted = range(len(features)) if wanted is None else wanted
        hops_per_row = generator.hops_per_row
        behind = _columns_behind(generator)
        # What is fed first has zeros before it; nothing of that may be heard.
        self._next_row = max(0, wanted.start - (-(-behind // hops_per_row) + 1))
        self._next_hop, self._end_hop = wanted.start * hops_per_row, wanted.stop * hops_per_row
        position, length, start, gain = self._next_row, len(features), self._next_row, 1.0
        in_order = iter(moments)
        self._stages: list[_StageStream] = []
        all_wanted = _wanted_rows(generator, range(self._next_hop - 1, self._end_hop + 2))
        for stage, its_style, its_wanted in zip(generator.stages, style, all_wanted, strict=True):
            start *= stage.rate
            stream = _StageStream(
                stage, gain, source, its_style, in_order, position, length, start, its_wanted
            )
            self._stages.append(stream)
            position, length, gain = stream.out_position, stream.out_length, stage.gain
        self._place = _Place(position, length)
        self._activated = _Line(2 * generator.output.reach, generator.stages[-1].channels)
        self._columns = _Line(_OVERLAPPING_COLUMNS, 2 * generator.config.n_bins)
        self._end_column = position - generator.output.reach  # behind the newest one
        self._n_columns = length
        self.n_rows_to_feed = wanted.stop + -(-(behind + 2) // hops_per_row) - self._next_row
        """Of features, until all that is wanted has been made."""

    @property
    def is_over(self) -> bool:
        """Whether all that is wanted has been made."""
        return self._next_hop >= self._end_hop

    @torch.inference_mode()
    def step(self, n_rows: int) -> Tensor:
        """Feeds so many rows of features → the samples that are ready then, (samples,), perhaps none."""
        generator = self._generator
        x = self._features[self._next_row : self._next_row + n_rows]
        self._next_row += n_rows
        if len(x) < n_rows:  # after the last; what they hold does not matter
            x = torch.cat([x, torch.zeros(n_rows - len(x), x.shape[1])])
        for stage in self._stages:
            x = stage.step(x)
        room = self._activated.move_on(len(x))
        generator.activate_output(x, room)
        self._place.clear_outside(room)
        self._columns.move_on(len(x)).copy_(generator.output(self._activated.rows))
        self._activated.forget()
        self._end_column += len(x)
        return self._samples()

    def _samples(self) -> Tensor:
        """Those whose columns are all there. A hop's samples are in the columns from the one before it to the second after."""
        is_complete = self._end_column >= self._n_columns
        end_hop = min(self._n_columns - 1 if is_complete else self._end_column - 2, self._end_hop)
        if end_hop <= self._next_hop:
            return torch.empty(0)
        first = max(self._next_hop - 1, 0)
        rows = self._columns.rows
        origin = self._end_column - len(rows)
        samples = self._generator.samples(
            rows[first - origin : min(self._end_column, self._n_columns) - origin]
        )
        hop_samples = self._generator.config.hop_samples
        samples = samples[(self._next_hop - first) * hop_samples : (end_hop - first) * hop_samples]
        self._next_hop = end_hop
        return samples


def _wanted_rows(generator: FastGenerator, columns: range) -> list[range]:
    """The rows of each stage's result that these columns of the spectrum hang on, and perhaps a few more."""
    rows = _wider(columns, generator.output.reach)
    found = [rows]
    for stage in reversed(generator.stages[1:]):
        rows = _wider(rows, max(block_delay(block) for block in stage.blocks) + stage.cut)
        rows = range(rows.start // stage.rate - 1, rows.stop // stage.rate + 2)
        found.append(rows)
    return found[::-1]


def _columns_behind(generator: FastGenerator) -> int:
    """By how many columns of the spectrum the newest one is behind the newest row of features."""
    n_columns = 0
    for stage in generator.stages:
        n_columns = n_columns * stage.rate + stage.cut - stage.is_last
        n_columns += max(block_delay(block) for block in stage.blocks)
    return n_columns + generator.output.reach
