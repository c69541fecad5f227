"""The parts of the OpenAPI document that operations share: the problem, parameters and headers."""

from typing import Any

from claims_app.services.core.query import MAX_PER_PAGE, PER_PAGE

Json = dict[str, Any]

PROBLEM: Json = {
    "type": "object",
    "description": "A problem (RFC 9457). `type` is the address of its description, or about:blank.",
    "required": ["type", "title", "status", "detail", "instance", "request_id", "error"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What is wrong, and what would be right."},
        "instance": {
            "type": "string",
            "format": "uri-reference",
            "description": "The path that was requested.",
        },
        "request_id": {
            "type": "string",
            "description": "The number of the request in the log of the site, as in the header X-Request-ID.",
        },
        "error": {"type": "string", "description": "The same as `detail`."},
        "fields": {
            "type": "object",
            "description": "The messages for each refused field.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "errors": {
            "type": "array",
            "description": "The same messages, each with a JSON pointer (RFC 6901) to the value in the request.",
            "items": {
                "type": "object",
                "required": ["pointer", "field", "detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "field": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

PARAMETERS: Json = {
    "per_page": {
        "name": "per_page",
        "in": "query",
        "description": f"How many records a page has; {PER_PAGE} if it is left out.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE},
    },
    "after": {
        "name": "after",
        "in": "query",
        "description": "The cursor of the next page, as in `next` and in the header Link.",
        "schema": {"type": "string"},
    },
    "before": {
        "name": "before",
        "in": "query",
        "description": "The cursor of the previous page, as in the header Link.",
        "schema": {"type": "string"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "An ETag: the answer is 304 if nothing changed.",
        "schema": {"type": "string"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag that the record was read with, in place of `version`; 412 for another version.",
        "schema": {"type": "string"},
    },
}

PARAMETERS["IdempotencyKey"] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A key of your choice, such as a UUID. The same request with the same key is carried out once, and "
    "has the same answer for 24 hours.",
    "schema": {"type": "string", "pattern": "^[!#-~]{1,200}$"},
    "examples": {"uuid": {"value": "8e03978e-40d5-43e8-bc93-6894a57f9324"}},
}

HEADERS: Json = {
    "RecordTag": {
        "description": 'The version of the record, such as "CLM-1.v3:…"; send it back as If-Match.',
        "schema": {"type": "string"},
    },
    "Location": {"description": "The address of the new record.", "schema": {"type": "string"}},
    "Link": {"description": "The first, previous and next page (RFC 8288).", "schema": {"type": "string"}},
    "Challenge": {"description": "How to authenticate (RFC 6750).", "schema": {"type": "string"}},
    "RateLimit": {
        "description": "How many requests are left (r), and for how many seconds (t); left out if there is no limit.",
        "schema": {"type": "string"},
    },
    "RateLimitPolicy": {
        "description": "How many requests (q) the token, or the address without one, has in a stretch of seconds (w).",
        "schema": {"type": "string"},
    },
    "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
}
