"""Signatures by the Standard Webhooks specification."""

import pytest

from downloads.signing import headers, key_of

# The vector of the reference libraries' tests (standard-webhooks/standard-webhooks, `libraries/`).
SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", [SECRET, f"whsec_{SECRET}"])
def test_the_published_vector(secret: str) -> None:
    assert headers(ID, TIMESTAMP, BODY, [key_of(secret)]) == {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_each_live_key_signs_the_newest_first() -> None:
    signature = headers(ID, TIMESTAMP, BODY, [b"n" * 24, key_of(SECRET)])["webhook-signature"]
    newest, other = signature.split(" ")
    assert other == SIGNATURE
    assert newest == headers(ID, TIMESTAMP, BODY, [b"n" * 24])["webhook-signature"]


@pytest.mark.parametrize("secret", ["", "whsec_", "A" * 28, "A" * 88, "no base64!" * 4, "A" * 33])
def test_what_is_no_secret_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(ValueError, match="a webhook secret") as refused:
        key_of(secret)
    assert not secret or secret not in str(refused.value)
