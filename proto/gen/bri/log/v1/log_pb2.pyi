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
    VERDICT_HELD: _ClassVar[Verdict]

class Tree(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TREE_UNSPECIFIED: _ClassVar[Tree]
    TREE_ENTRIES: _ClassVar[Tree]
    TREE_RECORDS: _ClassVar[Tree]
VERDICT_UNSPECIFIED: Verdict
VERDICT_ACCEPTED: Verdict
VERDICT_REJECTED: Verdict
VERDICT_REFUSED: Verdict
VERDICT_HELD: Verdict
TREE_UNSPECIFIED: Tree
TREE_ENTRIES: Tree
TREE_RECORDS: Tree

class FollowRequest(_message.Message):
    __slots__ = ("follower", "after", "epoch")
    FOLLOWER_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    follower: str
    after: int
    epoch: str
    def __init__(self, follower: _Optional[str] = ..., after: _Optional[int] = ..., epoch: _Optional[str] = ...) -> None: ...

class FollowResponse(_message.Message):
    __slots__ = ("changes", "head", "epoch")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[Change]
    head: int
    epoch: str
    def __init__(self, changes: _Optional[_Iterable[_Union[Change, _Mapping]]] = ..., head: _Optional[int] = ..., epoch: _Optional[str] = ...) -> None: ...

class ReportRequest(_message.Message):
    __slots__ = ("follower", "epoch", "cursor")
    FOLLOWER_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    follower: str
    epoch: str
    cursor: int
    def __init__(self, follower: _Optional[str] = ..., epoch: _Optional[str] = ..., cursor: _Optional[int] = ...) -> None: ...

class ReportResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Change(_message.Message):
    __slots__ = ("number", "record_id", "hidden", "entry", "joined", "parted")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    JOINED_FIELD_NUMBER: _ClassVar[int]
    PARTED_FIELD_NUMBER: _ClassVar[int]
    number: int
    record_id: str
    hidden: bool
    entry: SignedEntry
    joined: _containers.RepeatedScalarFieldContainer[str]
    parted: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, number: _Optional[int] = ..., record_id: _Optional[str] = ..., hidden: _Optional[bool] = ..., entry: _Optional[_Union[SignedEntry, _Mapping]] = ..., joined: _Optional[_Iterable[str]] = ..., parted: _Optional[_Iterable[str]] = ...) -> None: ...

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
    __slots__ = ("centre", "number", "previous", "written_at", "published", "retracted", "rotated")
    CENTRE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_AT_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    RETRACTED_FIELD_NUMBER: _ClassVar[int]
    ROTATED_FIELD_NUMBER: _ClassVar[int]
    centre: str
    number: int
    previous: bytes
    written_at: str
    published: _content_pb2.Record
    retracted: Retraction
    rotated: KeyRotation
    def __init__(self, centre: _Optional[str] = ..., number: _Optional[int] = ..., previous: _Optional[bytes] = ..., written_at: _Optional[str] = ..., published: _Optional[_Union[_content_pb2.Record, _Mapping]] = ..., retracted: _Optional[_Union[Retraction, _Mapping]] = ..., rotated: _Optional[_Union[KeyRotation, _Mapping]] = ...) -> None: ...

class Retraction(_message.Message):
    __slots__ = ("record_id", "revision", "reason")
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    record_id: str
    revision: int
    reason: str
    def __init__(self, record_id: _Optional[str] = ..., revision: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class KeyRotation(_message.Message):
    __slots__ = ("key", "proof")
    KEY_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    key: bytes
    proof: bytes
    def __init__(self, key: _Optional[bytes] = ..., proof: _Optional[bytes] = ...) -> None: ...

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
    __slots__ = ("centre", "head", "receipts", "reaches", "head_hash")
    CENTRE_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    RECEIPTS_FIELD_NUMBER: _ClassVar[int]
    REACHES_FIELD_NUMBER: _ClassVar[int]
    HEAD_HASH_FIELD_NUMBER: _ClassVar[int]
    centre: str
    head: int
    receipts: _containers.RepeatedCompositeFieldContainer[Receipt]
    reaches: _containers.RepeatedCompositeFieldContainer[Reach]
    head_hash: bytes
    def __init__(self, centre: _Optional[str] = ..., head: _Optional[int] = ..., receipts: _Optional[_Iterable[_Union[Receipt, _Mapping]]] = ..., reaches: _Optional[_Iterable[_Union[Reach, _Mapping]]] = ..., head_hash: _Optional[bytes] = ...) -> None: ...

class Reach(_message.Message):
    __slots__ = ("place", "number", "at")
    PLACE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    place: str
    number: int
    at: str
    def __init__(self, place: _Optional[str] = ..., number: _Optional[int] = ..., at: _Optional[str] = ...) -> None: ...

class ResendRequest(_message.Message):
    __slots__ = ("first", "last")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    first: int
    last: int
    def __init__(self, first: _Optional[int] = ..., last: _Optional[int] = ...) -> None: ...

class CompareRequest(_message.Message):
    __slots__ = ("digests", "entries", "check", "records", "mending")
    DIGESTS_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    MENDING_FIELD_NUMBER: _ClassVar[int]
    digests: DigestsQuestion
    entries: EntriesQuestion
    check: CheckQuestion
    records: RecordsQuestion
    mending: Mending
    def __init__(self, digests: _Optional[_Union[DigestsQuestion, _Mapping]] = ..., entries: _Optional[_Union[EntriesQuestion, _Mapping]] = ..., check: _Optional[_Union[CheckQuestion, _Mapping]] = ..., records: _Optional[_Union[RecordsQuestion, _Mapping]] = ..., mending: _Optional[_Union[Mending, _Mapping]] = ...) -> None: ...

class DigestsQuestion(_message.Message):
    __slots__ = ("tree", "upto", "level", "ranges")
    TREE_FIELD_NUMBER: _ClassVar[int]
    UPTO_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    RANGES_FIELD_NUMBER: _ClassVar[int]
    tree: Tree
    upto: int
    level: int
    ranges: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, tree: _Optional[_Union[Tree, str]] = ..., upto: _Optional[int] = ..., level: _Optional[int] = ..., ranges: _Optional[_Iterable[int]] = ...) -> None: ...

class EntriesQuestion(_message.Message):
    __slots__ = ("first", "last")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    first: int
    last: int
    def __init__(self, first: _Optional[int] = ..., last: _Optional[int] = ...) -> None: ...

class CheckQuestion(_message.Message):
    __slots__ = ("first", "last")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    first: int
    last: int
    def __init__(self, first: _Optional[int] = ..., last: _Optional[int] = ...) -> None: ...

class RecordsQuestion(_message.Message):
    __slots__ = ("numbers",)
    NUMBERS_FIELD_NUMBER: _ClassVar[int]
    numbers: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, numbers: _Optional[_Iterable[int]] = ...) -> None: ...

class Mending(_message.Message):
    __slots__ = ("entries", "records")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedScalarFieldContainer[bytes]
    records: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, entries: _Optional[_Iterable[bytes]] = ..., records: _Optional[_Iterable[str]] = ...) -> None: ...

class RecordState(_message.Message):
    __slots__ = ("id", "revision", "state", "number")
    ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    id: str
    revision: int
    state: str
    number: int
    def __init__(self, id: _Optional[str] = ..., revision: _Optional[int] = ..., state: _Optional[str] = ..., number: _Optional[int] = ...) -> None: ...

class CompareResponse(_message.Message):
    __slots__ = ("head", "head_hash", "rejected", "digests", "entries", "numbers", "records", "problem")
    HEAD_FIELD_NUMBER: _ClassVar[int]
    HEAD_HASH_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    DIGESTS_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NUMBERS_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    head: int
    head_hash: bytes
    rejected: int
    digests: bytes
    entries: _containers.RepeatedScalarFieldContainer[bytes]
    numbers: _containers.RepeatedScalarFieldContainer[int]
    records: _containers.RepeatedCompositeFieldContainer[RecordState]
    problem: str
    def __init__(self, head: _Optional[int] = ..., head_hash: _Optional[bytes] = ..., rejected: _Optional[int] = ..., digests: _Optional[bytes] = ..., entries: _Optional[_Iterable[bytes]] = ..., numbers: _Optional[_Iterable[int]] = ..., records: _Optional[_Iterable[_Union[RecordState, _Mapping]]] = ..., problem: _Optional[str] = ...) -> None: ...
