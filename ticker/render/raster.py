"""Pixels: a drawn sheet as PNG. The one home of resvg."""

from __future__ import annotations

import resvg_py


def png(svg: str, scale: int) -> bytes:
    """The drawing as PNG, `scale` pixels for one of its own. The same bytes everywhere: no font of the machine is read.

    The drawing must be a sheet's: it has no text but outlines, and refers to nothing outside itself.
    """
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=scale, skip_system_fonts=True))
