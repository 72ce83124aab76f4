"""The routes of jobs_api, and why some routes of the HTTP API have no authorizer."""

OPEN_ROUTES = {
    "/": "The root says how to sign in, which nobody could learn who had to sign in first.",
    "/health": "Load balancers and monitors ask for the health of the service, and they have no token.",
    "/docs": "The documentation is public; it says nothing that is not in the source.",
    "/openapi.json": "The contract is public; it says nothing that is not in the source.",
}
"""What jobs_api answers to a GET of anybody, with the reason why."""

JOBS_ROUTES = {
    "/v1/downloads": "GET",
    "/v1/download/status/{jobId}": "GET",
    "/v1/download/{jobId}": "GET DELETE",
    "/v1/download/{jobId}/retry": "POST",
    "/v1/download/{jobId}/ticket": "POST",
    "/v1/download/{jobId}/deliveries": "GET",
    "/v1/download/check": "POST",
    "/v1/download/start": "POST",
}
"""Path to methods that jobs_api answers to who signed in."""

CHECKED_INSIDE = (
    "A browser's EventSource can send no header, so stream_progress itself checks a token or a one-time "
    "ticket before it reads anything."
)
PREFLIGHT = (
    "A browser's preflight carries no token; API Gateway answers it from the API's CORS list, and needs the "
    "route where $default has an authorizer."
)
NOBODY_SIGNS_IN = (
    "AUTH_MODE is none, which the app refuses for production: a developer's clients send no token yet."
)
