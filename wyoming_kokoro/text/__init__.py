"""From what a client writes to what the model reads: sentences, spoken form, phonemes, token ids.

Knows nothing of voices, audio or the network, and never imports torch itself.
"""
