"""The promises of Dockerfile and compose.yaml: an ordinary user, nothing writable but the data, checked packages."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LINES = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
DOCKERFILE = [line.split(maxsplit=1) for line in LINES if line and not line.startswith("#")]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def said(instruction: str) -> list[str]:
    """Return what follows each `instruction` of the Dockerfile."""
    return [text for name, text in DOCKERFILE if name == instruction]


def test_the_image_runs_as_a_user_of_its_own() -> None:
    last_stage = DOCKERFILE[max(at for at, (name, _) in enumerate(DOCKERFILE) if name == "FROM") :]
    [user] = [text for name, text in last_stage if name == "USER"]
    assert int(user.split(":")[0]) >= 10_000
    assert COMPOSE["services"]["claims"]["user"] == user


def test_every_package_is_compared_with_its_checksum() -> None:
    installs = [part for text in said("RUN") for part in text.split("&&") if re.search(r"pip install", part)]
    assert len(installs) == 3
    assert all("--require-hashes" in part or "--no-index" in part for part in installs)
    assert all(
        "--hash=sha256:" in (ROOT / name).read_text()
        for name in ("requirements.txt", "requirements-build.txt")
    )


def test_the_locked_build_backend_is_that_of_the_project() -> None:
    [pinned] = re.findall(r'^requires = \["(.+)"\]$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert f"\n{pinned} \\\n" in (ROOT / "requirements-build.txt").read_text()


def test_all_that_is_copied_is_there_and_let_through() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [
        name for text in said("COPY") if not text.startswith("--from") for name in shlex.split(text)[:-1]
    ]
    assert set(copied) == allowed
    assert all((ROOT / name).exists() for name in copied)


def images() -> list[str]:
    bases = [text.partition("=")[2] for text in said("ARG")]
    return bases + [service["image"] for service in COMPOSE["services"].values()]


@pytest.mark.parametrize("image", images())
def test_each_image_has_an_exact_version(image: str) -> None:
    assert re.search(r":\d+\.\d+", image)


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_each_container_is_locked_down(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert not service["user"].startswith("0")
    for port in service.get("ports", []):
        assert port.startswith("127.0.0.1:"), "TLS ends in the proxy before it"
    assert all(volume.partition(":")[0] in COMPOSE["volumes"] for volume in service["volumes"])


def test_no_secret_is_in_the_file() -> None:
    text = (ROOT / "compose.yaml").read_text()
    assert all(found.startswith("${POSTGRES_PASSWORD") for found in re.findall(r"PASSWORD: (\S+)", text))


def test_the_program_can_write_where_it_keeps_its_files() -> None:
    volumes = COMPOSE["services"]["claims"]["volumes"]
    [folder] = said("VOLUME")
    assert volumes == [f"instance:{folder}"]
    assert said("WORKDIR")[-1] == str(Path(folder).parent)
