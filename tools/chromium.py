"""Finds the Chromium that the browser tests drive; run as a program, installs one where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def succeeds(*command: str) -> bool:
    """Whether the command can be started and exits with 0; what it prints is dropped."""
    return shutil.which(command[0]) is not None and not subprocess.run(command, capture_output=True).returncode


def executable() -> str | None:
    """The path of the system's Chromium, else of the one that Playwright has downloaded, else None."""
    for name in NAMES:
        # Some systems have a stub of this name that only says how to get the program.
        if succeeds(name, "--version"):
            return shutil.which(name)
    with sync_playwright() as playwright:
        downloaded = playwright.chromium.executable_path
    return downloaded if Path(downloaded).exists() else None


def administrator() -> list[str] | None:
    """What goes before a command that needs root: nothing as root, sudo where it asks no password, else None."""
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if succeeds("sudo", "-n", "true") else None


def install_from_system(prefix: list[str]) -> None:
    """Installs Debian's package `chromium`; a failure shows as `executable()` being None after it."""
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run([*apt, "update"], check=False)
    subprocess.run(
        [*apt, "install", "--yes", "--no-install-recommends", "chromium"], stdout=subprocess.DEVNULL, check=False
    )


def install_from_playwright(prefix: list[str] | None) -> None:
    """Downloads Playwright's own build, with the system libraries it needs where they may be installed."""
    dependencies = ["--with-deps"] if prefix is not None and shutil.which("apt-get") else []
    subprocess.run([sys.executable, "-m", "playwright", "install", *dependencies, "chromium"], check=True)


def main() -> None:
    """Sees to it that there is a Chromium that starts, and prints its path; exits with 1 where none can be had."""
    prefix = administrator()
    if executable() is None and prefix is not None and shutil.which("apt-get"):
        print("Installing Chromium from the system's packages ...", flush=True)
        install_from_system(prefix)
    if executable() is None:
        print("Installing Chromium with Playwright ...", flush=True)
        install_from_playwright(prefix)
    if executable() is None:
        raise SystemExit("The browser tests need Chromium: install your system's package of that name")
    print(f"The browser tests use {executable()}")


if __name__ == "__main__":
    main()
