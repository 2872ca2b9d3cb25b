"""A real Home Assistant core that finds this server, adds it and has it speak; see `__main__`."""
