"""What the containers' files promise, and, marked slow, that what script/image-install leaves is small and speaks."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
DOCKERFILES = ("Dockerfile", "Dockerfile.cuda", "addon/Dockerfile")
MAX_BYTES = 1_075_000_000  # with Python and Debian below it, some 125 MB, the image has 1.2 GB
COMPILERS = ("gcc", "g++", "clang", "build-essential", "cargo", "cmake")
TIMEOUT_S = 1700
# All languages, since their dictionaries and the ways to read them are many.
SENTENCES = {
    "af_heart": "The lights are on.",
    "bf_emma": "The kettle has boiled, Xyzzyx.",
    "ef_dora": "Las luces están encendidas.",
    "ff_siwis": "Les lampes sont allumées.",
    "hf_alpha": "बत्तियाँ जल रही हैं।",
    "if_sara": "Le luci sono accese.",
    "pf_dora": "As luzes estão acesas.",
    "jf_alpha": "電気がついています。",
    "zf_xiaoxiao": "灯已经开了。",
}


def stages(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.split(r"^(?=FROM )", text, flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("name", DOCKERFILES)
def test_images_are_what_the_one_script_installs_and_no_more(name: str) -> None:
    build, final = stages(name)
    kind = "cuda" if name.endswith("cuda") else "cpu"
    assert f"RUN /src/script/image-install /opt/wyoming-kokoro /src {kind}\n" in build
    assert "COPY --from=build /opt/wyoming-kokoro /opt/wyoming-kokoro\n" in final
    assert "pip" not in final
    assert not [compiler for compiler in COMPILERS if compiler in final]
    # The programs in a virtual environment name its Python by its path, so both stages have to have the same.
    assert build.split()[1] == final.split()[1]


@pytest.mark.parametrize("name", DOCKERFILES)
def test_images_have_the_openmp_that_the_libraries_share(name: str) -> None:
    assert re.search(r"apt-get install [^\n]*\blibgomp1\b", stages(name)[-1])


@pytest.mark.parametrize("name", DOCKERFILES)
def test_images_can_be_asked_how_they_are_while_the_model_comes(name: str) -> None:
    final = stages(name)[-1]
    assert "HEALTHCHECK --start-period=10m " in final
    assert re.search(r'CMD \["[a-z/-]*python", "-m", "wyoming_kokoro.health_check"', final)


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.cuda"])
def test_images_for_everybody_run_as_nobody_special(name: str) -> None:
    final = stages(name)[-1]
    assert re.findall(r"^USER (.+)$", final, re.MULTILINE) == ["1000:1000"]
    assert 'ENTRYPOINT ["wyoming-kokoro"]' in final
    assert "STOPSIGNAL SIGTERM" in final


def services() -> list[Any]:
    found = []
    for name in ("compose.yaml", "compose.scale.yaml"):
        read = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
        found += [
            pytest.param(service, id=f"{name}:{key}")
            for key, service in read["services"].items()
            if key[:6] == "kokoro"
        ]
    return found


@pytest.mark.parametrize("service", services())
def test_composed_servers_may_do_little(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["kokoro:/data"]
    assert service["healthcheck"]["test"][:4] == ["CMD", "python", "-m", "wyoming_kokoro.health_check"]
    assert service["image"].startswith("${KOKORO_IMAGE:-wyoming-kokoro")


@pytest.mark.parametrize("service", services())
def test_what_lies_in_tmp_may_be_run(service: dict[str, Any]) -> None:
    # A tmpfs of Docker's is noexec unless told otherwise, and espeak-ng's library is loaded from a copy in there.
    assert service["tmpfs"] == ["/tmp:exec"]


def test_compose_has_one_server_per_profile() -> None:
    read = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert {key: service["profiles"] for key, service in read["services"].items()} == {
        "kokoro": ["cpu"],
        "kokoro-gpu": ["gpu"],
    }


def test_actions_are_pinned_by_hash() -> None:
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        for action in re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8")):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), f"{path.name}: {action}"


# The real thing ------------------------------------------------------------------------------------


def torch_index() -> str:
    """PyTorch's index of CPU builds, or none where it cannot be reached and pip finds such a build by itself."""
    spec = importlib.util.spec_from_file_location("_setup_for_images", ROOT / "script" / "_setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.TORCH_CPU_INDEX if module.is_reachable(module.TORCH_CPU_INDEX) else ""


def size_of(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_symlink() or path.is_file())


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.timeout(TIMEOUT_S)
def test_what_is_installed_into_images_is_small_and_speaks(tmp_path: Path) -> None:
    # KOKORO_IMAGE_VENV names an environment that script/image-install has made already.
    made = os.environ.get("KOKORO_IMAGE_VENV")
    venv = Path(made) if made else tmp_path / "venv"
    environment = {
        **os.environ,
        "PYTHON": sys.executable,
        "TORCH_INDEX": torch_index(),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if not made:
        command = [ROOT / "script" / "image-install", venv, ROOT, "cpu"]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        assert done.returncode == 0, done.stderr
    assert size_of(venv) < MAX_BYTES
    assert not list(venv.rglob("__pycache__"))
    packages = [path.name for path in venv.glob("lib/python3.*/site-packages/*")]
    assert "torch" in packages
    assert not [name for name in packages if name.startswith(("nvidia", "triton"))]

    for voice, sentence in SENTENCES.items():
        wav = tmp_path / f"{voice}.wav"
        command = [
            venv / "bin/wyoming-kokoro",
            "say",
            "--local-files-only",
            "--voice",
            voice,
            "-o",
            wav,
            sentence,
        ]
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "Left out" not in done.stderr  # as loading says where kernels do not work
        assert wav.stat().st_size > 30_000
