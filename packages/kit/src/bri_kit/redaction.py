"""Keeps secrets out of what is written for people to read: logs, tracebacks, reasons.

What a secret looks like is known: our tokens, what stands before the @ of an address, bearer
headers, NATS seeds and JSON web tokens. Each is replaced by `***`, whatever text it stands in.
"""

import re

HIDDEN = "***"
_SECRETS = (
    (re.compile(r"\bbri_([a-z0-9-]{1,32})_[\w-]{8,}", re.ASCII), rf"bri_\1_{HIDDEN}"),
    (
        re.compile(r"(\b[a-z][a-z0-9+.-]{0,30}://)[^\s/?#\"'@]*(?:@[^\s/?#\"'@]*)*@"),
        rf"\1{HIDDEN}@",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/-]{8,}=*", re.ASCII), rf"\1 {HIDDEN}"),
    (
        re.compile(r"(?i)((?:\?|&)(?:token|access_token|api_key|key|password)=)[^&\s\"']+"),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\bS[AOUNCX][A-Z2-7]{56}\b"), HIDDEN),
    (re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]++\.[\w-]*+", re.ASCII), HIDDEN),
)


def redact(text: str) -> str:
    """`text` without what looks like a secret."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
