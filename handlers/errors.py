"""What a caller is told when something is wrong: RFC 9457 problem documents, empty bodies on webhooks, never a
trace.
"""

from __future__ import annotations

from http import HTTPStatus

import structlog
from flask import Flask, Response, g, json, request
from werkzeug.exceptions import HTTPException

from storage.error import StorageError

RETRY_AFTER = "5"
HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Frame-Options": "DENY",
}

log = structlog.get_logger("quietline.http")


def problem(status: int, detail: str, **more: object) -> Response:
    """A problem document: type, title, status, detail, instance, request_id."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "request_id": g.get("request_id", ""),
        **more,
    }
    response = Response(json.dumps(body), status=status, content_type="application/problem+json")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_AFTER
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def install(app: Flask) -> None:
    """Register the answers to everything that can go wrong, and the headers of every answer."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StorageError, _storage)
    app.register_error_handler(Exception, _defect)
    app.after_request(_headers)


def _silence(status: int) -> Response:
    """What a platform is told: the status and nothing else."""
    response = Response(status=status, content_type="text/plain; charset=utf-8")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def _is_webhook() -> bool:
    return request.path.startswith("/webhooks/")


def _http(error: HTTPException) -> Response:
    if isinstance(error.response, Response):
        return error.response
    status = error.code or 500
    response = _silence(status) if _is_webhook() else problem(status, error.description or "")
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _storage(error: StorageError) -> Response:
    log.error("storage_failed", route=str(request.url_rule), problem=type(error).__name__)
    if _is_webhook():
        return _silence(503)
    return problem(503, "the database is not available: nothing was changed, and nothing may be sent", decision="deny")


def _defect(_error: Exception) -> Response:
    log.exception("defect", route=str(request.url_rule), method=request.method)  # noqa: LOG004 - Flask calls this inside its except
    return _silence(500) if _is_webhook() else problem(500, "this is a defect of ours; it was written down")


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response
