#!/usr/bin/env python3
"""Checks that LAME is installed, the library that encodes MP3."""

import ctypes.util
import sys

sys.exit(0 if ctypes.util.find_library("mp3lame") else "LAME is not installed")
