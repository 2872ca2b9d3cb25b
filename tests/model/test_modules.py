"""Each module against the reference's, small, seeded, with copied weights; no model files needed."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from reference_package import our_noise
from torch import Tensor, nn

from wyoming_kokoro.model import stft
from wyoming_kokoro.model.albert import Albert
from wyoming_kokoro.model.config import AlbertConfig, GeneratorConfig, ModelConfig
from wyoming_kokoro.model.decoder import Decoder, Generator
from wyoming_kokoro.model.layers import AdaIN, AdaLayerNorm, SnakeResidualBlock, StyleResidualBlock
from wyoming_kokoro.model.prosody import ProsodyPredictor
from wyoming_kokoro.model.text_encoder import TextEncoder
from wyoming_kokoro.store.checkpoint import translate

pytestmark = [
    pytest.mark.reference,
    # The reference's own habits, held at one version.
    pytest.mark.filterwarnings("ignore:dropout option adds dropout:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning"),
]

HIDDEN, STYLE, TOKENS, STEPS = 32, 8, 20, 11
GENERATOR = GeneratorConfig(
    upsample_rates=(10, 6),
    upsample_kernel_sizes=(20, 12),
    initial_channels=16,
    kernel_sizes=(3, 7, 11),
    dilations=((1, 3, 5),) * 3,
    n_fft=20,
    hop_samples=5,
)
CONFIG = ModelConfig(
    n_tokens=TOKENS,
    hidden_dim=HIDDEN,
    style_dim=STYLE,
    n_layers=3,
    max_duration=50,
    text_kernel_size=5,
    albert=AlbertConfig(hidden_dim=24, n_heads=4, feed_forward_dim=40, n_positions=64, n_layers=3),
    generator=GENERATOR,
    vocab={"a": 1},
)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(7)


def with_weights_of(reference: nn.Module, ours: nn.Module, theirs_at: str, ours_at: str) -> nn.Module:
    """Copies the reference's weights as a checkpoint would bring them, shaken so that none is a default.

    theirs_at, ours_at: where the module stands in a whole model, which is what names are made of.
    """
    for parameter in reference.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    named = {f"{theirs_at}{name}": tensor for name, tensor in reference.state_dict().items()}
    state = {name.removeprefix(ours_at): tensor for name, tensor in translate(named, CONFIG).items()}
    ours.load_state_dict(state)
    reference.eval()
    return ours.eval()


def assert_equal(ours: Tensor, theirs: Tensor) -> None:
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def signal(channels: int) -> Tensor:
    return torch.randn(1, channels, STEPS)


def style() -> Tensor:
    return torch.randn(1, STYLE)


@torch.inference_mode()
def test_adain_with_an_affine_instance_norm_folded_in() -> None:
    from kokoro.istftnet import AdaIN1d

    reference = AdaIN1d(STYLE, HIDDEN)
    ours = with_weights_of(reference, AdaIN(STYLE, HIDDEN), "decoder.encode.norm1.", "decoder.encode.norm1.")
    x, s = signal(HIDDEN), style()
    assert_equal(ours(x, s), reference(x, s))


@torch.inference_mode()
def test_ada_layer_norm() -> None:
    from kokoro.modules import AdaLayerNorm as Reference

    reference = Reference(STYLE, HIDDEN)
    ours = with_weights_of(reference, AdaLayerNorm(STYLE, HIDDEN), "", "")
    x, s = signal(HIDDEN).transpose(1, 2), style()
    assert_equal(ours(x, s), reference(x, s))


@pytest.mark.parametrize("upsample", [False, True])
@pytest.mark.parametrize("out_channels", [HIDDEN, 12])
@torch.inference_mode()
def test_style_residual_block(upsample: bool, out_channels: int) -> None:
    from kokoro.istftnet import AdainResBlk1d

    reference = AdainResBlk1d(HIDDEN, out_channels, STYLE, upsample=True if upsample else "none")
    ours = StyleResidualBlock(HIDDEN, out_channels, STYLE, upsample=upsample)
    with_weights_of(reference, ours, "decoder.encode.", "decoder.encode.")
    x, s = signal(HIDDEN), style()
    assert ours(x, s).shape == (1, out_channels, STEPS * (2 if upsample else 1))
    assert_equal(ours(x, s), reference(x, s))


@pytest.mark.parametrize("kernel_size", [3, 7, 11])
@torch.inference_mode()
def test_snake_residual_block_with_alphas_of_both_signs(kernel_size: int) -> None:
    from kokoro.istftnet import AdaINResBlock1

    reference = AdaINResBlock1(HIDDEN, kernel_size, (1, 3, 5), STYLE)
    for alpha in (*reference.alpha1, *reference.alpha2):
        alpha.data *= torch.where(torch.rand_like(alpha) > 0.5, 1.0, -1.0)
    ours = SnakeResidualBlock(HIDDEN, kernel_size, (1, 3, 5), STYLE)
    with_weights_of(reference, ours, "decoder.generator.resblocks.4.", "generator.stages.1.blocks.1.")
    x, s = signal(HIDDEN), style()
    assert_equal(ours(x, s), reference(x, s))


@torch.inference_mode()
def test_albert() -> None:
    from kokoro.modules import CustomAlbert
    from transformers import AlbertConfig as ReferenceConfig

    sizes = CONFIG.albert
    reference = CustomAlbert(
        ReferenceConfig(
            vocab_size=TOKENS,
            hidden_size=sizes.hidden_dim,
            num_attention_heads=sizes.n_heads,
            intermediate_size=sizes.feed_forward_dim,
            max_position_embeddings=sizes.n_positions,
            num_hidden_layers=sizes.n_layers,
        )
    )
    state = {
        name: tensor for name, tensor in reference.state_dict().items() if not name.startswith("pooler.")
    }
    ours = Albert(sizes, TOKENS).eval()
    translated = translate({f"bert.{name}": tensor for name, tensor in state.items()}, CONFIG)
    ours.load_state_dict({name.removeprefix("albert."): tensor for name, tensor in translated.items()})
    token_ids = torch.randint(0, TOKENS, (1, STEPS))
    mask = torch.ones_like(token_ids)
    assert_equal(ours(token_ids), reference.eval()(token_ids, attention_mask=mask))


@torch.inference_mode()
def test_text_encoder() -> None:
    from kokoro.modules import TextEncoder as Reference

    reference = Reference(channels=HIDDEN, kernel_size=5, depth=3, n_symbols=TOKENS)
    ours = with_weights_of(reference, TextEncoder(TOKENS, HIDDEN, 5, 3), "text_encoder.", "text_encoder.")
    token_ids = torch.randint(0, TOKENS, (1, STEPS))
    assert_equal(ours(token_ids), reference(token_ids, *no_mask()))


@pytest.mark.parametrize("speed", [0.8, 1.0, 1.3])
@torch.inference_mode()
def test_prosody(speed: float) -> None:
    from kokoro.modules import ProsodyPredictor as Reference

    reference = Reference(style_dim=STYLE, d_hid=HIDDEN, nlayers=3, max_dur=50)
    ours = with_weights_of(reference, ProsodyPredictor(CONFIG), "predictor.", "prosody.")
    x, s = signal(HIDDEN), style()
    encoded = ours.duration_encoder(x.transpose(1, 2), s)
    theirs = reference.text_encoder(x, s, *no_mask())
    assert_equal(encoded, theirs)
    logits = reference.duration_proj(reference.lstm(theirs)[0])
    expected = torch.round(torch.sigmoid(logits).sum(-1) / speed).clamp(min=1).long()
    assert ours.durations(encoded, speed).tolist() == expected.tolist()
    f0, energy = ours.curves(encoded, s)
    for ours_curve, theirs_curve in zip(
        (f0, energy), reference.F0Ntrain(theirs.transpose(1, 2), s), strict=True
    ):
        assert ours_curve.shape == (1, 2 * STEPS)
        assert_equal(ours_curve, theirs_curve)


@torch.inference_mode()
def test_stft_both_ways() -> None:
    from kokoro.istftnet import TorchSTFT

    reference = TorchSTFT(20, 5, 20)
    samples = torch.randn(1, 600)
    magnitude, phase = stft.analyse(samples, 20, 5)
    for ours, theirs in zip((magnitude, phase), reference.transform(samples), strict=True):
        assert_equal(ours, theirs)
    assert_equal(stft.synthesise(magnitude, phase, 20, 5), samples)
    assert_equal(stft.synthesise(magnitude, phase, 20, 5), reference.inverse(magnitude, phase).squeeze(1))


@torch.inference_mode()
def test_source_with_voiced_and_unvoiced_stretches() -> None:
    reference, ours = generators()
    f0 = torch.cat([torch.zeros(1, 4), 120 + 80 * torch.rand(1, 6), torch.full((1, 2), 9.9)], dim=1)
    noise = torch.randn(1, 12 * 300, 9)
    with our_noise(noise):
        theirs, _, _ = reference.m_source(reference.f0_upsamp(f0[:, None]).transpose(1, 2))
    assert_equal(ours.source(f0, noise), theirs.squeeze(-1))


@torch.inference_mode()
def test_generator() -> None:
    reference, ours = generators()
    features, s = torch.randn(1, 16, 8), style()
    f0 = torch.full((1, 8), 200.0)
    noise = torch.randn(1, 8 * 300, 9)
    with our_noise(noise):
        theirs = reference(features, s, f0)
    samples = ours(features, f0, s, noise)
    assert samples.shape == (1, 8 * 300)
    # Phases of ±π flip on the last bit, see the notes on parity; the shape of the sound is what holds.
    assert torch.nn.functional.cosine_similarity(samples, theirs.squeeze(1)).item() > 0.999


@torch.inference_mode()
def test_decoder_and_the_renaming_of_the_generators_blocks() -> None:
    from kokoro.istftnet import Decoder as Reference

    # The reference fixes these widths in code; they come from no config.
    config = ModelConfig(
        **{
            **vars(CONFIG),
            "hidden_dim": 512,
            "generator": GeneratorConfig(**{**vars(GENERATOR), "initial_channels": 512}),
        }
    )
    reference = Reference(dim_in=512, style_dim=STYLE, dim_out=80, **reference_options(512))
    whole = nn.ModuleDict({"decoder": Decoder(config), "generator": Generator(config.generator, STYLE, 9)})
    with_weights_of(reference, whole, "decoder.", "")
    aligned, s = torch.randn(1, 512, 4), style()
    f0, energy = 100 + torch.rand(1, 8), torch.randn(1, 8)
    seen: list[Tensor] = []
    hook = reference.generator.register_forward_pre_hook(lambda _module, arguments: seen.append(arguments[0]))
    with our_noise(torch.zeros(1, 8 * 300, 9)):
        reference(aligned, f0, energy, s)
    hook.remove()
    assert_equal(whole["decoder"](aligned, f0, energy, s), seen[0])


def no_mask() -> tuple[Tensor, Tensor]:
    return torch.tensor([STEPS]), torch.zeros(1, STEPS, dtype=torch.bool)


def reference_options(initial_channels: int) -> dict[str, Any]:
    return {
        "resblock_kernel_sizes": list(GENERATOR.kernel_sizes),
        "upsample_rates": list(GENERATOR.upsample_rates),
        "upsample_initial_channel": initial_channels,
        "resblock_dilation_sizes": [list(row) for row in GENERATOR.dilations],
        "upsample_kernel_sizes": list(GENERATOR.upsample_kernel_sizes),
        "gen_istft_n_fft": GENERATOR.n_fft,
        "gen_istft_hop_size": GENERATOR.hop_samples,
    }


def generators() -> tuple[Any, Any]:
    from kokoro.istftnet import Generator as Reference

    reference = Reference(style_dim=STYLE, **reference_options(GENERATOR.initial_channels))
    ours = Generator(GENERATOR, STYLE, 9)
    return reference, with_weights_of(reference, ours, "decoder.generator.", "generator.")
