from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MODE_UNSPECIFIED: _ClassVar[Mode]
    MODE_WORDS: _ClassVar[Mode]
    MODE_MEANING: _ClassVar[Mode]
    MODE_HYBRID: _ClassVar[Mode]

class Sort(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SORT_UNSPECIFIED: _ClassVar[Sort]
    SORT_RELEVANCE: _ClassVar[Sort]
    SORT_NEWEST: _ClassVar[Sort]
    SORT_CHANGED: _ClassVar[Sort]
MODE_UNSPECIFIED: Mode
MODE_WORDS: Mode
MODE_MEANING: Mode
MODE_HYBRID: Mode
SORT_UNSPECIFIED: Sort
SORT_RELEVANCE: Sort
SORT_NEWEST: Sort
SORT_CHANGED: Sort

class SearchRequest(_message.Message):
    __slots__ = ("text", "language", "centres", "kinds", "countries", "topics", "editions", "since", "until", "sort", "limit", "offset", "jurisdictions", "instruments", "statuses", "mode")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    CENTRES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    COUNTRIES_FIELD_NUMBER: _ClassVar[int]
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    EDITIONS_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    JURISDICTIONS_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    text: str
    language: str
    centres: _containers.RepeatedScalarFieldContainer[str]
    kinds: _containers.RepeatedScalarFieldContainer[str]
    countries: _containers.RepeatedScalarFieldContainer[str]
    topics: _containers.RepeatedScalarFieldContainer[str]
    editions: _containers.RepeatedScalarFieldContainer[str]
    since: str
    until: str
    sort: Sort
    limit: int
    offset: int
    jurisdictions: _containers.RepeatedScalarFieldContainer[str]
    instruments: _containers.RepeatedScalarFieldContainer[str]
    statuses: _containers.RepeatedScalarFieldContainer[str]
    mode: Mode
    def __init__(self, text: _Optional[str] = ..., language: _Optional[str] = ..., centres: _Optional[_Iterable[str]] = ..., kinds: _Optional[_Iterable[str]] = ..., countries: _Optional[_Iterable[str]] = ..., topics: _Optional[_Iterable[str]] = ..., editions: _Optional[_Iterable[str]] = ..., since: _Optional[str] = ..., until: _Optional[str] = ..., sort: _Optional[_Union[Sort, str]] = ..., limit: _Optional[int] = ..., offset: _Optional[int] = ..., jurisdictions: _Optional[_Iterable[str]] = ..., instruments: _Optional[_Iterable[str]] = ..., statuses: _Optional[_Iterable[str]] = ..., mode: _Optional[_Union[Mode, str]] = ...) -> None: ...

class RelatedRequest(_message.Message):
    __slots__ = ("id", "language", "limit")
    ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    id: str
    language: str
    limit: int
    def __init__(self, id: _Optional[str] = ..., language: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class SearchResponse(_message.Message):
    __slots__ = ("total", "hits", "facets", "did_you_mean", "partial", "mode")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    HITS_FIELD_NUMBER: _ClassVar[int]
    FACETS_FIELD_NUMBER: _ClassVar[int]
    DID_YOU_MEAN_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    total: int
    hits: _containers.RepeatedCompositeFieldContainer[Hit]
    facets: _containers.RepeatedCompositeFieldContainer[Facet]
    did_you_mean: str
    partial: bool
    mode: Mode
    def __init__(self, total: _Optional[int] = ..., hits: _Optional[_Iterable[_Union[Hit, _Mapping]]] = ..., facets: _Optional[_Iterable[_Union[Facet, _Mapping]]] = ..., did_you_mean: _Optional[str] = ..., partial: _Optional[bool] = ..., mode: _Optional[_Union[Mode, str]] = ...) -> None: ...

class Hit(_message.Message):
    __slots__ = ("id", "centre", "kind", "language", "title", "snippet", "date", "countries", "topics", "editions", "story", "score", "versions", "published", "changed")
    ID_FIELD_NUMBER: _ClassVar[int]
    CENTRE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SNIPPET_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    COUNTRIES_FIELD_NUMBER: _ClassVar[int]
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    EDITIONS_FIELD_NUMBER: _ClassVar[int]
    STORY_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    id: str
    centre: str
    kind: str
    language: str
    title: str
    snippet: str
    date: str
    countries: _containers.RepeatedScalarFieldContainer[str]
    topics: _containers.RepeatedScalarFieldContainer[str]
    editions: _containers.RepeatedScalarFieldContainer[str]
    story: _containers.RepeatedScalarFieldContainer[str]
    score: float
    versions: _containers.RepeatedCompositeFieldContainer[Version]
    published: str
    changed: str
    def __init__(self, id: _Optional[str] = ..., centre: _Optional[str] = ..., kind: _Optional[str] = ..., language: _Optional[str] = ..., title: _Optional[str] = ..., snippet: _Optional[str] = ..., date: _Optional[str] = ..., countries: _Optional[_Iterable[str]] = ..., topics: _Optional[_Iterable[str]] = ..., editions: _Optional[_Iterable[str]] = ..., story: _Optional[_Iterable[str]] = ..., score: _Optional[float] = ..., versions: _Optional[_Iterable[_Union[Version, _Mapping]]] = ..., published: _Optional[str] = ..., changed: _Optional[str] = ...) -> None: ...

class Version(_message.Message):
    __slots__ = ("id", "centre", "languages", "title", "date")
    ID_FIELD_NUMBER: _ClassVar[int]
    CENTRE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    id: str
    centre: str
    languages: _containers.RepeatedScalarFieldContainer[str]
    title: str
    date: str
    def __init__(self, id: _Optional[str] = ..., centre: _Optional[str] = ..., languages: _Optional[_Iterable[str]] = ..., title: _Optional[str] = ..., date: _Optional[str] = ...) -> None: ...

class Facet(_message.Message):
    __slots__ = ("name", "counts")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    counts: _containers.RepeatedCompositeFieldContainer[FacetCount]
    def __init__(self, name: _Optional[str] = ..., counts: _Optional[_Iterable[_Union[FacetCount, _Mapping]]] = ...) -> None: ...

class FacetCount(_message.Message):
    __slots__ = ("value", "count")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    value: str
    count: int
    def __init__(self, value: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class SuggestRequest(_message.Message):
    __slots__ = ("text", "language", "limit")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    text: str
    language: str
    limit: int
    def __init__(self, text: _Optional[str] = ..., language: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class SuggestResponse(_message.Message):
    __slots__ = ("suggestions",)
    SUGGESTIONS_FIELD_NUMBER: _ClassVar[int]
    suggestions: _containers.RepeatedCompositeFieldContainer[Suggestion]
    def __init__(self, suggestions: _Optional[_Iterable[_Union[Suggestion, _Mapping]]] = ...) -> None: ...

class Suggestion(_message.Message):
    __slots__ = ("text", "source", "code")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    text: str
    source: str
    code: str
    def __init__(self, text: _Optional[str] = ..., source: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class StoryRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class StoryResponse(_message.Message):
    __slots__ = ("ids", "decided")
    IDS_FIELD_NUMBER: _ClassVar[int]
    DECIDED_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    decided: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ids: _Optional[_Iterable[str]] = ..., decided: _Optional[_Iterable[str]] = ...) -> None: ...

class PercolateRequest(_message.Message):
    __slots__ = ("ids", "texts")
    IDS_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    texts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ids: _Optional[_Iterable[str]] = ..., texts: _Optional[_Iterable[str]] = ...) -> None: ...

class PercolateResponse(_message.Message):
    __slots__ = ("matches", "cursor")
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    matches: _containers.RepeatedCompositeFieldContainer[PercolateMatch]
    cursor: int
    def __init__(self, matches: _Optional[_Iterable[_Union[PercolateMatch, _Mapping]]] = ..., cursor: _Optional[int] = ...) -> None: ...

class PercolateMatch(_message.Message):
    __slots__ = ("places",)
    PLACES_FIELD_NUMBER: _ClassVar[int]
    places: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, places: _Optional[_Iterable[int]] = ...) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusResponse(_message.Message):
    __slots__ = ("cursor", "head", "records", "embedding_backlog", "engine", "meaning", "set_aside_meaning", "set_aside", "set_aside_newest", "not_linked", "remarks")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_BACKLOG_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    SET_ASIDE_MEANING_FIELD_NUMBER: _ClassVar[int]
    SET_ASIDE_FIELD_NUMBER: _ClassVar[int]
    SET_ASIDE_NEWEST_FIELD_NUMBER: _ClassVar[int]
    NOT_LINKED_FIELD_NUMBER: _ClassVar[int]
    REMARKS_FIELD_NUMBER: _ClassVar[int]
    cursor: int
    head: int
    records: int
    embedding_backlog: int
    engine: str
    meaning: str
    set_aside_meaning: int
    set_aside: int
    set_aside_newest: _containers.RepeatedScalarFieldContainer[str]
    not_linked: int
    remarks: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, cursor: _Optional[int] = ..., head: _Optional[int] = ..., records: _Optional[int] = ..., embedding_backlog: _Optional[int] = ..., engine: _Optional[str] = ..., meaning: _Optional[str] = ..., set_aside_meaning: _Optional[int] = ..., set_aside: _Optional[int] = ..., set_aside_newest: _Optional[_Iterable[str]] = ..., not_linked: _Optional[int] = ..., remarks: _Optional[_Iterable[str]] = ...) -> None: ...
