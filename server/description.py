"""The application's description of itself: OpenAPI, with the spec's own schema among its models."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

import engine

ABOUT = (
    "One real pass of backpropagation through time, number by number. "
    "A wrong call is answered with a 4xx and an Error. The WebSocket is at /ws."
)
TEMPLATE = "#/components/schemas/{model}"


class Described(FastAPI):
    """A FastAPI whose description holds the models that its routes read by themselves."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI description, made once."""
        if self.openapi_schema is None:
            described = get_openapi(title=self.title, version=self.version, description=ABOUT, routes=self.routes)
            spec = engine.Spec.model_json_schema(ref_template=TEMPLATE)
            described["components"]["schemas"] |= {"Spec": spec, **spec.pop("$defs")}
            self.openapi_schema = described
        return self.openapi_schema
