from bri.content.v1 import content_pb2 as _content_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_ACCEPTED: _ClassVar[Verdict]
    VERDICT_REJECTED: _ClassVar[Verdict]
    VERDICT_REFUSED: _ClassVar[Verdict]
VERDICT_UNSPECIFIED: Verdict
VERDICT_ACCEPTED: Verdict
VERDICT_REJECTED: Verdict
VERDICT_REFUSED: Verdict

class FollowRequest(_message.Message):
    __slots__ = ("follower", "after")
    FOLLOWER_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    follower: str
    after: int
    def __init__(self, follower: _Optional[str] = ..., after: _Optional[int] = ...) -> None: ...

class FollowResponse(_message.Message):
    __slots__ = ("changes", "head")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[Change]
    head: int
    def __init__(self, changes: _Optional[_Iterable[_Union[Change, _Mapping]]] = ..., head: _Optional[int] = ...) -> None: ...

class Change(_message.Message):
    __slots__ = ("number", "record_id", "hidden", "entry")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    number: int
    record_id: str
    hidden: bool
    entry: SignedEntry
    def __init__(self, number: _Optional[int] = ..., record_id: _Optional[str] = ..., hidden: _Optional[bool] = ..., entry: _Optional[_Union[SignedEntry, _Mapping]] = ...) -> None: ...

class SignedEntry(_message.Message):
    __slots__ = ("entry", "signature", "key")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    entry: bytes
    signature: bytes
    key: bytes
    def __init__(self, entry: _Optional[bytes] = ..., signature: _Optional[bytes] = ..., key: _Optional[bytes] = ...) -> None: ...

class Entry(_message.Message):
    __slots__ = ("centre", "number", "previous", "written_at", "published", "retracted")
    CENTRE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_AT_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    RETRACTED_FIELD_NUMBER: _ClassVar[int]
    centre: str
    number: int
    previous: bytes
    written_at: str
    published: _content_pb2.Record
    retracted: Retraction
    def __init__(self, centre: _Optional[str] = ..., number: _Optional[int] = ..., previous: _Optional[bytes] = ..., written_at: _Optional[str] = ..., published: _Optional[_Union[_content_pb2.Record, _Mapping]] = ..., retracted: _Optional[_Union[Retraction, _Mapping]] = ...) -> None: ...

class Retraction(_message.Message):
    __slots__ = ("record_id", "revision", "reason")
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    record_id: str
    revision: int
    reason: str
    def __init__(self, record_id: _Optional[str] = ..., revision: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("number", "hash", "verdict", "reason", "detail", "at")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    number: int
    hash: bytes
    verdict: Verdict
    reason: str
    detail: str
    at: str
    def __init__(self, number: _Optional[int] = ..., hash: _Optional[bytes] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., reason: _Optional[str] = ..., detail: _Optional[str] = ..., at: _Optional[str] = ...) -> None: ...

class ReceiptsRequest(_message.Message):
    __slots__ = ("after",)
    AFTER_FIELD_NUMBER: _ClassVar[int]
    after: int
    def __init__(self, after: _Optional[int] = ...) -> None: ...

class Receipts(_message.Message):
    __slots__ = ("centre", "head", "receipts")
    CENTRE_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    RECEIPTS_FIELD_NUMBER: _ClassVar[int]
    centre: str
    head: int
    receipts: _containers.RepeatedCompositeFieldContainer[Receipt]
    def __init__(self, centre: _Optional[str] = ..., head: _Optional[int] = ..., receipts: _Optional[_Iterable[_Union[Receipt, _Mapping]]] = ...) -> None: ...

class ResendRequest(_message.Message):
    __slots__ = ("first", "last")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    first: int
    last: int
    def __init__(self, first: _Optional[int] = ..., last: _Optional[int] = ...) -> None: ...
