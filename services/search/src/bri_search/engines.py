"""The engine that the settings name."""

import asyncio

import structlog

from bri_retrieval.embedded import EmbeddedEngine
from bri_retrieval.engine import Engine, EngineUnavailable
from bri_retrieval.thesaurus import begin_loading
from bri_search.settings import SearchSettings

logger = structlog.get_logger()


async def open_engine(settings: SearchSettings) -> Engine:
    """The engine, ready to be filled. A server that is away is no reason not to start: questions
    are refused until it is there.

    Raises:
        EngineUnavailable: another process uses the index, or the server will never serve us.
    """
    thesaurus = begin_loading(settings.thesauri)
    if settings.engine == "embedded":
        return EmbeddedEngine(settings.data / "index", thesaurus=thesaurus)
    from bri_retrieval.meili import MeiliEngine, ServerRefused  # 9 MB

    # One index a replica: none has to know of the others that share the server.
    index = f"bri-{settings.name}"
    key = settings.meili_key.get_secret_value()
    engine = MeiliEngine(settings.meili_url, key, index, thesaurus=thesaurus)
    try:
        await asyncio.to_thread(engine.cursor)
    except ServerRefused:
        engine.close()
        raise
    except EngineUnavailable as reason:
        logger.warning("engine.unreachable", url=settings.meili_url, reason=str(reason))
    return engine
