"""How patiently and how often is asked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manner:
    """Times are in seconds.

    - `connect_seconds`, `silence_seconds`: how long a connection may take, and how long the service
      may say nothing;
    - `answer_seconds`, `answer_bytes`: how long a whole answer may take, and how large it may be;
    - `attempts`: how often a request that may be repeated is tried, within `retry_seconds`; 1 tries
      once.
    """

    connect_seconds: float = 5.0
    silence_seconds: float = 30.0
    answer_seconds: float = 120.0
    answer_bytes: int = 256 * 1024 * 1024
    attempts: int = 4
    retry_seconds: float = 30.0
