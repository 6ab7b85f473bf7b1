"""The router, at this address: Streamlit takes files of this folder for pages until the router has run once."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[1] / "app.py"), run_name="__main__")
