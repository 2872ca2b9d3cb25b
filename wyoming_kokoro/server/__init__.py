"""Wyoming over sockets: sessions, the worker that speaks, discovery. Never imports torch."""
