"""OAI-PMH 2.0 (openarchives.org, protocol version 2.0 of 2002-06-14) over a `source.Source`.

Rules:
- deletes are persistent, datestamps are of seconds, and a record's identifier is its own, which is
  a URI and the same at its centre and at the hub;
- a list is walked in the order of changes, so nothing is skipped while records change under a
  harvest, and no state of a record comes twice: one that changed meanwhile comes again at the end;
- a resumption token says all that is needed to go on, so it survives a restart and is in no table;
- sets are `centre:…`, `kind:…` and `country:…`, below `centre`, `kind` and `country`.
"""
