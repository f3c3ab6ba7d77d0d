#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The same as start_up_raw.c in Python, for start_up to compare."""
import sys

environment = {}
for line in iter(sys.stdin.readline, "\n"):
    key, _, value = line.rstrip("\n").partition(": ")
    environment[key] = value
print("ANSWER", flush=True)
sys.exit(not sys.stdin.readline())
