"""The plan of the faults: drawn from the seed, at the promised rates, and none left out."""

import json

from tests.chaos.calls import Answer, Call
from tests.chaos.faults import DOUBLED, FAULTS, HEAD, Dice, Fault
from tests.chaos.messages import send

S3_HEAD = Call("HEAD", "/bucket/downloads/1.zip", {"user-agent": "Boto3 app/process_file md/x"})


def dice(seed: int) -> Dice:
    return Dice(seed, files=1_000, rolling=True)


def drawn(seed: int, fault: Fault = DOUBLED, times: int = 500) -> list[bool]:
    given = dice(seed)
    return [given.falls(fault) for _ in range(times)]


def test_a_seed_gives_the_same_faults_every_time() -> None:
    for fault in FAULTS:
        assert drawn(7, fault) == drawn(7, fault)


def test_another_seed_gives_others() -> None:
    assert drawn(7) != drawn(8)


def test_what_other_calls_meet_changes_nothing() -> None:
    given = dice(7)
    mixed = []
    for _ in range(500):
        mixed.append(given.falls(DOUBLED))
        given.fault_of(S3_HEAD)
    assert mixed == drawn(7)


def test_three_messages_in_ten_are_sent_twice() -> None:
    given, line = dice(7), Post()
    for _ in range(200):
        send(batch(10), line, given)
    share = given.injected[DOUBLED.name] / given.drawn[DOUBLED.name]
    assert 0.25 < share < 0.35
    assert len(line.sent) > len(set(line.sent))


def test_an_answer_tells_of_every_message_once() -> None:
    given = dice(3)
    for _ in range(200):
        answer = json.loads(send(batch(10), Post(), given).body)
        told = [entry["Id"] for entry in answer["Successful"] + answer["Failed"]]
        assert sorted(told) == sorted(str(place) for place in range(10))


def test_within_its_window_a_fault_is_at_its_peak() -> None:
    fault = Fault("while", "s3", 0.0, operations=HEAD, peak=1.0, window=(0.2, 0.3))
    assert [number for number in range(1_000) if fault.share(number, 1_000)] == list(range(200, 300))


def test_a_rare_fault_is_due_until_it_was_injected() -> None:
    given = dice(7)
    rare = min((fault for fault in FAULTS if not fault.peak), key=lambda fault: fault.rate)
    falls = [given.falls(rare) for _ in range(rare.sure + 5)]
    assert all(falls[rare.sure :])
    given.note(rare)
    assert rare.name not in given.missing
    assert not all(given.falls(rare) for _ in range(50))


def test_before_the_dice_roll_nothing_falls() -> None:
    given = Dice(7, files=1_000)
    assert not any(given.falls(fault) for fault in FAULTS for _ in range(100))
    assert given.missing == [fault.name for fault in FAULTS]


def test_a_call_says_who_makes_it_and_to_whom() -> None:
    told = Call("POST", "/", {"x-amz-target": "DynamoDB_20120810.GetItem"})
    frame = Call("POST", "/live/@connections/abc", {"user-agent": "Boto3"})
    assert (S3_HEAD.service, S3_HEAD.operation, S3_HEAD.caller) == ("s3", "HEAD", "process_file")
    assert (told.service, told.operation, told.caller) == ("dynamodb", "GetItem", "")
    assert frame.service == "websocket"


class Post:
    """A line that sends whatever it gets."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def forward(self, call: Call) -> Answer:
        entries = [{"Id": entry["Id"]} for entry in call.json["Entries"]]
        self.sent += [entry["MessageBody"] for entry in call.json["Entries"]]
        return Answer.of(200, {"Successful": entries})

    def kill(self, call: Call) -> bool:
        return False


batches = iter(range(1_000_000))


def batch(size: int) -> Call:
    number = next(batches)
    entries = [{"Id": str(place), "MessageBody": f"{number}/{place}"} for place in range(size)]
    body = json.dumps({"QueueUrl": "q", "Entries": entries}).encode()
    return Call("POST", "/", {"x-amz-target": "AmazonSQS.SendMessageBatch"}, body)
