"""What is published, given back to other people's programs by their own protocols.

Hub and node serve the same: they answer a small `source.Source`, and this package speaks OAI-PMH
2.0 (`oai`), describes the holdings as a DCAT 3 catalogue (`catalogue`) and writes dumps (`dumps`).
"""
