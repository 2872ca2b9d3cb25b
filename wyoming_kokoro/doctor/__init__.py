"""Checks of this machine and this installation, for `wyoming-kokoro doctor`. Each part knows what it checks."""
