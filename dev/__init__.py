"""For those who work on this project: measures, benchmark, profile, and the log of what was tried. Never shipped."""
