"""A GGUF model on this machine through llama.cpp.

llama.cpp runs inside this process and is spoken to over its own OpenAI-compatible server on the loopback interface,
with a key that only this process knows: a call that times out is cut off there, which ends the generation, while a
call into the library could not be interrupted.  A llama.cpp server that runs already can be used instead.
"""

import secrets
from pathlib import Path
from typing import Any

import httpx
from openai import AsyncOpenAI

from therapyflows.core.errors import Refused
from therapyflows.core.ports import ModelInfo
from therapyflows.integrations.endpoints import is_loopback
from therapyflows.integrations.llm.chat import ChatModel
from therapyflows.integrations.llm.connection import endpoint_of, http_client
from therapyflows.integrations.llm.dialect import Dialect
from therapyflows.integrations.llm.settings import LlmSettings
from therapyflows.integrations.llm.tokens import estimate_tokens


class LlamaServer:
    """llama.cpp with one model loaded, in this process.  ``url`` and ``key`` are how to speak to it."""

    def __init__(self, gguf_path: Path, *, context_tokens: int, threads: int) -> None:
        if not gguf_path.is_file():
            raise Refused("model_misconfigured", "there is no GGUF file at the configured path")
        self.key = secrets.token_urlsafe(24)
        self.context_tokens = context_tokens
        self._server = _load(gguf_path, self.key, context_tokens, threads)
        self.url: str = self._server.listening_address


def _load(gguf_path: Path, key: str, context_tokens: int, threads: int) -> Any:
    try:
        import xllamacpp
    except ImportError:
        raise Refused("model_misconfigured", "install therapyflows[local-llm] to run a model here") from None
    params = xllamacpp.CommonParams()
    params.model.path = str(gguf_path)
    params.n_ctx = context_tokens
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    # Threads that spin while they wait starve the other services of the machine, and themselves.
    params.cpuparams.poll = params.cpuparams_batch.poll = 0
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key]
    params.ui = params.endpoint_slots = params.endpoint_metrics = params.endpoint_props = False
    # Errors only: at higher levels llama.cpp may print parts of prompts to stderr.
    params.verbosity = 1
    try:
        return xllamacpp.Server(params)
    except RuntimeError:
        raise Refused("model_misconfigured", "llama.cpp cannot load the configured GGUF file") from None


def local_model(settings: LlmSettings) -> ChatModel:
    """The GGUF file at ``gguf_path`` (loaded now), or the llama.cpp server at a loopback ``endpoint``."""
    if settings.gguf_path is not None:
        server = LlamaServer(settings.gguf_path, context_tokens=settings.context_tokens, threads=settings.threads)
        return _served(server.url, server.key, settings, name=settings.model or settings.gguf_path.stem, keep=server)
    url = endpoint_of(settings).removesuffix("/v1")
    if not is_loopback(url):
        raise Refused("model_misconfigured", "provider local needs a GGUF file or an endpoint on this machine")
    key = settings.api_key.get_secret_value() if settings.api_key else "none"
    return _served(url, key, settings, name=settings.model or "local", keep=None)


def _served(url: str, key: str, settings: LlmSettings, *, name: str, keep: LlamaServer | None) -> ChatModel:
    info = ModelInfo(
        provider="local",
        model=name,
        on_device=True,
        covered_by_baa=settings.covered_by_baa,
        context_tokens=settings.context_tokens,
    )
    counter = _TokenCounter(url, key, keep)

    def connect() -> AsyncOpenAI:
        return AsyncOpenAI(
            base_url=f"{url}/v1",
            api_key=key,
            max_retries=0,
            timeout=settings.timeout_s,
            http_client=http_client(url, settings.timeout_s),
        )

    dialect = Dialect(portable_schema=False)
    return ChatModel(info, connect, timeout_s=settings.timeout_s, dialect=dialect, count_tokens=counter.count)


class _TokenCounter:
    """The model's own tokenizer, asked over the loopback interface (about a millisecond a call)."""

    def __init__(self, url: str, key: str, server: LlamaServer | None) -> None:
        self._server = server  # llama.cpp stops when its object is collected
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=10.0, trust_env=False
        )

    def count(self, text: str) -> int:
        try:
            response = self._http.post("/tokenize", json={"content": text})
            return len(response.raise_for_status().json()["tokens"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return estimate_tokens(text)
