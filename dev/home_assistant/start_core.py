"""Starts Home Assistant as its own `hass` does, but for two things. Run by Home Assistant's own Python.

Its core refuses a Python some patch releases older than it wants, though it runs on it: here that is said and let
pass. And it looks for servers on every interface but loopback: here it looks nowhere else.
"""

from __future__ import annotations

import sys

from homeassistant import const

if sys.version_info[:3] < const.REQUIRED_PYTHON_VER:
    wanted = ".".join(map(str, const.REQUIRED_PYTHON_VER))
    print(f"Home Assistant wants Python {wanted}; this is {sys.version.split()[0]}", file=sys.stderr)
    const.REQUIRED_PYTHON_VER = sys.version_info[:3]

from homeassistant import __main__ as core  # after that: it reads the constant when it is imported
from homeassistant.components import zeroconf
from zeroconf import IPVersion

zeroconf._async_get_zc_args = lambda _hass: {"interfaces": ["127.0.0.1"], "ip_version": IPVersion.V4Only}
sys.exit(core.main())
