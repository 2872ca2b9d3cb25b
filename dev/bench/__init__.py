"""The benchmark behind `script/bench`. `__main__.py` is the place to start reading.

What loads a model or a peer runs in a process of its own (`worker.py`), so that memory can be told apart; what
judges and draws (`figures.py`, `report.py`, `chart.py`) is plain Python that knows no process.
"""
