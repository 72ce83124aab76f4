// CloudFront Function (cloudfront-js-2.0), on viewer requests: paths of the one address become those of the APIs.
// It sees no Upgrade header (CloudFront keeps it to itself): what is no WebSocket is the WebSocket API's to refuse.

const STREAM = /^\/v1\/download\/stream\/([0-9A-Fa-f-]{32,36})$/;
const API = "/api";

function handler(event) {
  const request = event.request;
  if (request.uri.startsWith(`${API}/`)) {
    request.uri = request.uri.slice(API.length);
    return request;
  }
  if (request.uri === "/live") return request;
  const job = STREAM.exec(request.uri);
  return job ? live(request, job[1]) : missing(event.context.requestId);
}

// The WebSocket API takes the job and the ticket in the query. The job of the path alone counts.
function live(request, job) {
  const ticket = request.querystring.ticket;
  request.uri = "/live";
  request.querystring = ticket ? { jobId: { value: job }, ticket: { value: ticket.value } } : { jobId: { value: job } };
  return request;
}

// In the shape of the service's errors.
function missing(requestId) {
  const error = { code: "NOT_FOUND", message: "There is nothing at this address; see /docs." };
  return {
    statusCode: 404,
    statusDescription: "Not Found",
    headers: {
      "content-type": { value: "application/json" },
      "cache-control": { value: "no-store" },
      "x-content-type-options": { value: "nosniff" },
      "x-request-id": { value: requestId },
    },
    body: { encoding: "text", data: JSON.stringify({ error, requestId }) },
  };
}
