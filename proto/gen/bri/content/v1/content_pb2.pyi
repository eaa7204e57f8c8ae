from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KIND_UNSPECIFIED: _ClassVar[Kind]
    KIND_NEWS: _ClassVar[Kind]
    KIND_POLICY: _ClassVar[Kind]
    KIND_CASE: _ClassVar[Kind]
    KIND_COOPERATION: _ClassVar[Kind]
    KIND_TECHNOLOGY: _ClassVar[Kind]

class Origin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORIGIN_UNSPECIFIED: _ClassVar[Origin]
    ORIGIN_ORIGINAL: _ClassVar[Origin]
    ORIGIN_HUMAN: _ClassVar[Origin]
    ORIGIN_MACHINE: _ClassVar[Origin]
KIND_UNSPECIFIED: Kind
KIND_NEWS: Kind
KIND_POLICY: Kind
KIND_CASE: Kind
KIND_COOPERATION: Kind
KIND_TECHNOLOGY: Kind
ORIGIN_UNSPECIFIED: Origin
ORIGIN_ORIGINAL: Origin
ORIGIN_HUMAN: Origin
ORIGIN_MACHINE: Origin

class Record(_message.Message):
    __slots__ = ("id", "revision", "kind", "original_language", "editions", "countries", "topics", "source", "dates", "policy")
    ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    EDITIONS_FIELD_NUMBER: _ClassVar[int]
    COUNTRIES_FIELD_NUMBER: _ClassVar[int]
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DATES_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    id: str
    revision: int
    kind: Kind
    original_language: str
    editions: _containers.RepeatedCompositeFieldContainer[Edition]
    countries: _containers.RepeatedScalarFieldContainer[str]
    topics: _containers.RepeatedScalarFieldContainer[str]
    source: Source
    dates: Dates
    policy: Policy
    def __init__(self, id: _Optional[str] = ..., revision: _Optional[int] = ..., kind: _Optional[_Union[Kind, str]] = ..., original_language: _Optional[str] = ..., editions: _Optional[_Iterable[_Union[Edition, _Mapping]]] = ..., countries: _Optional[_Iterable[str]] = ..., topics: _Optional[_Iterable[str]] = ..., source: _Optional[_Union[Source, _Mapping]] = ..., dates: _Optional[_Union[Dates, _Mapping]] = ..., policy: _Optional[_Union[Policy, _Mapping]] = ...) -> None: ...

class Edition(_message.Message):
    __slots__ = ("language", "title", "summary", "body", "origin", "stale")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    STALE_FIELD_NUMBER: _ClassVar[int]
    language: str
    title: str
    summary: str
    body: str
    origin: Origin
    stale: bool
    def __init__(self, language: _Optional[str] = ..., title: _Optional[str] = ..., summary: _Optional[str] = ..., body: _Optional[str] = ..., origin: _Optional[_Union[Origin, str]] = ..., stale: _Optional[bool] = ...) -> None: ...

class Source(_message.Message):
    __slots__ = ("name", "url")
    NAME_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    name: str
    url: str
    def __init__(self, name: _Optional[str] = ..., url: _Optional[str] = ...) -> None: ...

class Dates(_message.Message):
    __slots__ = ("event", "original", "published")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    event: str
    original: str
    published: str
    def __init__(self, event: _Optional[str] = ..., original: _Optional[str] = ..., published: _Optional[str] = ...) -> None: ...

class Policy(_message.Message):
    __slots__ = ("jurisdiction", "instrument", "number", "authority", "status", "adopted", "in_force", "amends", "repeals")
    JURISDICTION_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ADOPTED_FIELD_NUMBER: _ClassVar[int]
    IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    AMENDS_FIELD_NUMBER: _ClassVar[int]
    REPEALS_FIELD_NUMBER: _ClassVar[int]
    jurisdiction: str
    instrument: str
    number: str
    authority: str
    status: str
    adopted: str
    in_force: str
    amends: _containers.RepeatedScalarFieldContainer[str]
    repeals: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, jurisdiction: _Optional[str] = ..., instrument: _Optional[str] = ..., number: _Optional[str] = ..., authority: _Optional[str] = ..., status: _Optional[str] = ..., adopted: _Optional[str] = ..., in_force: _Optional[str] = ..., amends: _Optional[_Iterable[str]] = ..., repeals: _Optional[_Iterable[str]] = ...) -> None: ...
