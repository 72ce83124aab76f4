"""API8:2023, what the logs hold: the whole flow is run once, and then every line that was written is read.

Last in the suite, so that the lines of all other attacks are read as well.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from infra_cdk.cloud import LocalCloud
from infra_cdk.local import webhook_secret
from infra_cdk.users import new_password
from tests.e2e.conftest import Service, hear, say, until
from tests.events import parse
from tests.receivers import Receiver, status
from tests.security.conftest import signed_in
from tests.security.doors import stream, websocket
from tests.security.logbook import function_output, group_of, lines

# What no line may hold, whoever's it is.
SHAPES = {
    "a token": re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+"),
    "a signature of a link": re.compile(r"X-Amz-(Signature|Credential|Security-Token)", re.IGNORECASE),
    "a bearer header": re.compile(r"bearer +[\w.-]{20}", re.IGNORECASE),
    "a webhook secret": re.compile(r"whsec_"),
    "a ticket in an address": re.compile(r"[?&\"]ticket\"?[=:] ?\"?[\w-]{20}"),
}
# The functions that the flow runs, and those of them that have something to say of it.
TALKATIVE = [
    "InitiateJobName", "JobsApiName", "ProcessFileName", "AuthorizeWebsocketName", "CloseConnectionsName",
    "DeliverWebhookName",
]  # fmt: skip
RAN = [*TALKATIVE, "StreamProgressName", "PublishProgressName", "WebsocketName", "SweepJobsName"]


@dataclass
class Secrets:
    """What was handed out on the way, by what it is."""

    known: dict[str, str] = field(default_factory=dict)

    def note(self, name: str, value: str) -> str:
        assert len(value) > 8, name
        self.known[f"{name} {len(self.known)}"] = value
        return value


def a_user(cloud: LocalCloud, secrets: Secrets) -> str:
    """Somebody with an e-mail address, signed in: the access token."""
    name, cognito = f"carol-{uuid4().hex[:8]}", cloud.client("cognito-idp")
    password = secrets.note("password", new_password())
    email = secrets.note("e-mail", f"{name}@mail.example")
    pool = {"UserPoolId": cloud.outputs["UserPoolId"], "Username": name}
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(**pool, UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**pool, Password=password, Permanent=True)
    reply = cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=cloud.outputs["UserPoolClientId"],
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )["AuthenticationResult"]
    for kind in ("AccessToken", "IdToken", "RefreshToken"):
        secrets.note(kind, reply[kind])
        secrets.note(f"signature of the {kind}", reply[kind].rpartition(".")[2])
    return str(reply["AccessToken"])


def watch(user: Service, job_id: str, secrets: Secrets) -> None:
    """By header and by ticket, as connection and as stream, and each once more when it is used up."""
    with user.watch(f"?jobId={job_id}") as socket:
        hear(socket)
        say(socket, "subscribe", jobId=job_id)
        hear(socket)
        socket.send("nonsense")
        hear(socket)
    ticket = secrets.note("ticket", user.ticket(job_id))
    with connect(f"{user.websocket_url}?ticket={ticket}", open_timeout=20) as socket:
        hear(socket)
    assert websocket(user, f"?ticket={ticket}") == 403
    query = {"ticket": secrets.note("ticket", user.ticket(job_id))}
    with httpx.Client(base_url=str(user.http.base_url), timeout=60) as nobody:
        event = parse(stream(nobody, job_id, query).text)[0]
        secrets.note("resume secret", event.id.partition(".")[2])
        # The job has ended: a stream that is let in again is told so.
        assert stream(nobody, job_id, query, last_event_id=event.id).status_code == 204
        assert stream(nobody, job_id, query).status_code == 401
    assert stream(user.http, job_id).status_code == 200


def fetch(user: Service, job_id: str, secrets: Secrets) -> None:
    for path in (f"/v1/download/{job_id}", f"/v1/download/status/{job_id}"):
        for url in re.findall(r"X-Amz-Signature=(\w+)", user.http.get(path).text):
            secrets.note("signature of a link", url)
    user.http.get(f"/v1/download/{job_id}?file_id=70000&redirect=true")
    user.http.post("/v1/download/start", json={"file_id": 70000})


def fail(user: Service, secrets: Secrets) -> None:
    """What goes wrong is what is logged: no token that holds, no job that can be read, no message either."""
    broken = {"PK": {"S": f"JOB#{(job_id := str(uuid4()))}"}, "SK": {"S": "JOB"}, "owner": {"S": user.owner}}
    user.cloud.client("dynamodb").put_item(TableName=user.cloud.outputs["TableName"], Item=broken)
    assert user.http.get(f"/v1/download/status/{job_id}").status_code == 503
    assert user.http.get(f"/v1/download/{job_id}", params={"token": user.token}).status_code == 503
    forged = user.token[:-6] + "AAAAAA"
    stream(user.http, job_id, authorization=f"Bearer {forged}")
    with suppress(InvalidStatus):
        connect(user.websocket_url, additional_headers={"authorization": f"Bearer {forged}"}).close()
    user.http.post("/v1/download/initiate", content=b"{", headers={"idempotency-key": "broken"})


@pytest.fixture
def secrets(cloud: LocalCloud, callbacks_to_this_machine: None) -> Secrets:
    """The flow, run; what it was handed."""
    found = Secrets()
    found.note("webhook secret", webhook_secret(cloud).removeprefix("whsec_"))
    with signed_in(cloud, "carol", a_user(cloud, found)) as user, Receiver(status(204)) as receiver:
        key = found.note("key in a callback's address", uuid4().hex)
        url = f"http://127.0.0.1:{receiver.port}/hook?key={key}"
        job_id = user.initiate([70000, 70084], callback_url=url)
        user.ended(job_id)
        until(lambda: len(receiver.requests), bool)
        found.note("webhook signature", re.findall(rb"v1,([\w+/=]+)", receiver.requests[0])[0].decode())
        watch(user, job_id, found)
        fetch(user, job_id, found)
        until(lambda: user.http.post(f"/v1/download/{job_id}/retry").status_code, lambda code: code == 202)
        user.http.delete(f"/v1/download/{job_id}")
        refused = user.initiate([70000], callback_url=f"http://127.0.0.1:9/?key={key}")
        until(lambda: user.http.get(f"/v1/download/{refused}/deliveries").json()["deliveries"], bool)
        fail(user, found)
    for name in ("CloseConnectionsName", "SweepJobsName"):
        cloud.client("lambda").invoke(FunctionName=cloud.outputs[name])
    return found


def test_no_line_of_any_log_holds_a_secret(cloud: LocalCloud, secrets: Secrets) -> None:
    written = list(lines(cloud))
    # A function that never ran, or whose lines are not here, would pass every search.
    for names, beginning in ((RAN, "START "), (TALKATIVE, "{")):
        found = {group for group, line in written if line.startswith(beginning)}
        assert [name for name in names if group_of(cloud, cloud.outputs[name]) not in found] == []
    text = "\n".join(line for _, line in written) + function_output(cloud)
    assert "refused" in text
    assert [name for name, secret in secrets.known.items() if secret in text] == []
    assert {name: found[0] for name, shape in SHAPES.items() if (found := shape.findall(text))} == {}


def without_tracebacks(written: list[str]) -> tuple[list[str], list[str]]:
    """The other lines, and how each traceback ends: the emulator prints one of a run that raises, AWS a line
    of JSON.
    """
    others, blocks, inside = [], [], False
    for line in written:
        inside = line.startswith("Traceback ") or (inside and not line.startswith("{"))
        if not inside:
            others.append(line)
        elif line.startswith("Traceback "):
            blocks.append([line])
        else:
            blocks[-1].append(line)
    return others, [block[-1] for block in blocks]


def test_every_line_that_a_function_writes_is_json(cloud: LocalCloud) -> None:
    """What is no JSON is the runtime's own, by the words that it begins with."""
    # The last two are the emulator's: of a run that was cut off, by its time or by a change of its settings.
    own = re.compile(r"(START|END|REPORT|INIT_START|XRAY) |Task timed out |Worker process died$")
    all_lines = [line for _, line in lines(cloud) if line.strip() and not own.match(line)]
    written, raised = without_tracebacks(all_lines)
    # A run that a slow machine kept from its table is to come again; nothing else may break one.
    assert [end for end in raised if not end.startswith("downloads.errors.")] == []
    assert written
    told = [json.loads(line) for line in written]
    # Counts for CloudWatch are lines too, of a form of their own.
    assert [line for line in told if "_aws" not in line and line["service"] != "downloads"] == []
    assert {line["_aws"]["CloudWatchMetrics"][0]["Namespace"] for line in told if "_aws" in line} == {
        "Downloads/dev"
    }
