"""The settings of the server, read from the environment: UNROLL_PORT, UNROLL_MEMORY_LIMIT and so on."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE = 2**20


def _static() -> Path:
    """The page's files: inside the package where it was installed from a wheel, else the repository's."""
    packaged = Path(__file__).parent / "static"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "static"


class Settings(BaseSettings):
    """What whoever runs the server may choose; sizes are in bytes."""

    model_config = SettingsConfigDict(env_prefix="UNROLL_", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    memory_limit: int = Field(default=256 * MEBIBYTE, ge=MEBIBYTE, description="the most memory one trace may take")
    max_body: int = Field(default=16 * MEBIBYTE, ge=1024, description="of one HTTP request")
    max_message: int = Field(default=16 * MEBIBYTE, ge=1024, description="of one WebSocket message")
    check_seconds: float = Field(default=300, gt=0, description="the longest gradient check, by estimate")
    runs_per_socket: int = Field(default=4, ge=1, description="runs at once on one WebSocket")
    reader_patience: float = Field(default=300, gt=0, description="seconds a message may wait for its reader")
    traces_kept: int = Field(default=1000, ge=1, description="specs remembered for /api/traces")
    static: Path = Field(default_factory=_static)
