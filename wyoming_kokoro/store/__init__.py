"""Model files and voices: fetched, checked, found and read. Knows nothing of audio.

Nothing is imported here, so that looking for files costs no import of torch.
"""
