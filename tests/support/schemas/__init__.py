"""Schemas of other people's formats, written from the specifications' facts.

The official ones are in no package and are not ours to copy, so what passes here is what the
specifications say and not what their schemas say; the differences are told in each file.
"""

from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from bri_exchange.oai import native

_HERE = Path(__file__).parent
_XML = "http://www.w3.org/2001/xml.xsd"


class _Served(etree.Resolver):  # type: ignore[misc]
    """What our own schema refers to, without asking anybody."""

    def resolve(self, url: str, _identifier: object, context: Any) -> Any:
        if url == _XML:
            return self.resolve_filename(str(_HERE / "xml.xsd"), context)
        if url.endswith("bri-record-1.xsd"):
            return self.resolve_string(native.schema(), context)
        return None


@cache
def harvests() -> Any:
    """The schema of OAI-PMH answers that hold records as `oai_dc` or `bri`."""
    parser = etree.XMLParser()
    parser.resolvers.add(_Served())
    everything = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
      <xs:import namespace="http://www.openarchives.org/OAI/2.0/" schemaLocation="oai-pmh.xsd"/>
      <xs:import namespace="http://www.openarchives.org/OAI/2.0/oai_dc/"
                 schemaLocation="oai_dc.xsd"/>
      <xs:import namespace="{native.NAMESPACE}" schemaLocation="bri-record-1.xsd"/>
    </xs:schema>"""
    document = etree.fromstring(everything, parser, base_url=str(_HERE / "everything.xsd"))
    return etree.XMLSchema(document)
