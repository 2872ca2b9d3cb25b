"""How written things are said: markup and characters for all languages, and a package or file for each of them.

Knows nothing of phonemes, sentences or voices. Everything here is a pure function of text.
"""
