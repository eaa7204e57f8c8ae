"""Text on its way into XML: only characters that XML 1.0 has (section 2.2, production 2).

Every writer of XML passes the text of others through `xml_text`: a parser refuses a whole document
for one forbidden character in it.
"""

import re

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


def xml_text(text: str) -> str:
    """`text` without control characters, lone surrogates, U+FFFE and U+FFFF."""
    return _FORBIDDEN.sub("", text)
