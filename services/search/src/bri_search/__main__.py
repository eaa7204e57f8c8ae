"""`python -m bri_search` runs a replica until it is told to stop."""

import sys

from bri_kit import file_modes, logging
from bri_search import app
from bri_search.settings import SearchSettings

if __name__ == "__main__":
    settings = SearchSettings()
    logging.configure("search", settings.log_level)
    file_modes.restrict()
    file_modes.tighten(settings.data)
    sys.exit(app.run(settings))
