"""Other people's clients that are written for an older Python, and warn when they are loaded."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import extruct
    import sickle
    import sickle.oaiexceptions

__all__ = ["extruct", "sickle"]
