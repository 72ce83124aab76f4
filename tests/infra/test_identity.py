"""Who signs callers in, and what the gateway and the functions are told of it."""

from typing import Any

import pytest
from aws_cdk.assertions import Template

from tests.infra.templates import handlers, logical_id, one, resources

POOL, CLIENT = "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"
AUTHORIZER = "AWS::ApiGatewayV2::Authorizer"


def told(template: Template, function: str) -> dict[str, str]:
    """What a function is told of identity, references written as `<LogicalId>`."""
    names = ("AUTH_MODE", "TOKEN_ISSUER", "TOKEN_AUDIENCES", "JWKS_URL", "AUTH_CLIENT_ID", "AUTH_ENDPOINT")
    found = handlers(template)[function]["Environment"]["Variables"]
    return {name: spelled(found[name]) for name in names if name in found}


def spelled(value: Any) -> str:
    if isinstance(value, str):
        return value
    if "Ref" in value:
        return f"<{value['Ref']}>"
    return "".join(spelled(part) for part in value["Fn::Join"][1])


@pytest.fixture
def pool(dev: Template) -> dict[str, Any]:
    return one(dev, POOL, "pool")


def test_users_are_made_by_an_administrator_and_sign_in_by_name_or_e_mail(pool: dict[str, Any]) -> None:
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["AliasAttributes"] == ["email"]
    assert "UsernameAttributes" not in pool
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}


def test_the_deploy_role_knows_the_pool_by_its_tags(pool: dict[str, Any]) -> None:
    """`template-samples/github-oidc`: it may make a user in this one."""
    assert pool["UserPoolTags"].items() >= {"service": "downloads", "stage": "dev"}.items()


def test_passwords_are_long_and_mixed(pool: dict[str, Any]) -> None:
    policy = pool["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] >= 12
    kinds = ("Lowercase", "Uppercase", "Numbers", "Symbols")
    assert all(policy[f"Require{kind}"] is True for kind in kinds)


def test_a_second_factor_is_an_app_and_never_a_text_message(pool: dict[str, Any]) -> None:
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])


@pytest.mark.parametrize(
    ("stage", "protection", "policy"), [("dev", "INACTIVE", "Delete"), ("prod", "ACTIVE", "Retain")]
)
def test_the_users_of_production_outlive_their_stack(
    request: pytest.FixtureRequest, stage: str, protection: str, policy: str
) -> None:
    (found,) = resources(request.getfixturevalue(stage), POOL).values()
    assert found["DeletionPolicy"] == policy
    assert found["Properties"].get("DeletionProtection", "INACTIVE") == protection


def test_the_client_is_public_and_its_tokens_are_short_lived(dev: Template) -> None:
    client = one(dev, CLIENT, "client")
    assert client["GenerateSecret"] is False
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["EnableTokenRevocation"] is True
    assert client["AllowedOAuthFlowsUserPoolClient"] is False
    assert set(client["TokenValidityUnits"].values()) == {"minutes"}
    assert (client["AccessTokenValidity"], client["RefreshTokenValidity"]) == (60, 30 * 24 * 60)


def test_the_gateway_takes_tokens_of_this_pool_for_this_client(dev: Template, pool: dict[str, Any]) -> None:
    jwt = one(dev, AUTHORIZER, "httpapi")
    pool_id, client = logical_id(dev, POOL, "pool"), logical_id(dev, CLIENT, "client")
    assert jwt["AuthorizerType"] == "JWT"
    assert jwt["IdentitySource"] == ["$request.header.Authorization"]
    assert jwt["JwtConfiguration"]["Audience"] == [{"Ref": client}]
    issuer = spelled(jwt["JwtConfiguration"]["Issuer"])
    assert issuer == f"https://cognito-idp.<AWS::Region>.<AWS::URLSuffix>/<{pool_id}>"


@pytest.mark.parametrize("function", ["authorize_websocket", "stream_progress"])
def test_who_verifies_tokens_knows_issuer_audience_and_keys(
    dev: Template, local: Template, another_issuer: Template, anybody: Template, function: str
) -> None:
    pool, client = f"<{logical_id(dev, POOL, 'pool')}>", f"<{logical_id(dev, CLIENT, 'client')}>"
    aws = f"https://cognito-idp.<AWS::Region>.<AWS::URLSuffix>/{pool}"
    cognito = {"AUTH_MODE": "jwt", "TOKEN_ISSUER": aws, "TOKEN_AUDIENCES": client}
    assert told(dev, function) == {**cognito, "JWKS_URL": f"{aws}/.well-known/jwks.json"}
    emulated = f"https://cognito-idp.us-east-1.<AWS::URLSuffix>/{pool}"
    here = f"http://127.0.0.1:4599/{pool}/.well-known/jwks.json"
    assert told(local, function) == {**cognito, "TOKEN_ISSUER": emulated, "JWKS_URL": here}
    assert told(another_issuer, function) == {
        "AUTH_MODE": "jwt",
        "TOKEN_ISSUER": "https://id.example/",
        "TOKEN_AUDIENCES": "downloads,https://downloads.example",
        "JWKS_URL": "https://id.example/keys",
    }
    assert told(anybody, function) == {"AUTH_MODE": "none"}


def test_the_root_can_say_how_to_sign_in(
    dev: Template, local: Template, another_issuer: Template, anybody: Template
) -> None:
    pool, client = f"<{logical_id(dev, POOL, 'pool')}>", f"<{logical_id(dev, CLIENT, 'client')}>"
    endpoint = "https://cognito-idp.<AWS::Region>.<AWS::URLSuffix>/"
    assert told(dev, "jobs_api") == {
        "AUTH_MODE": "jwt",
        "TOKEN_ISSUER": f"{endpoint}{pool}",
        "AUTH_CLIENT_ID": client,
        "AUTH_ENDPOINT": endpoint,
    }
    assert told(local, "jobs_api")["AUTH_ENDPOINT"] == "http://127.0.0.1:4599/"
    assert told(another_issuer, "jobs_api") == {
        "AUTH_MODE": "jwt", "TOKEN_ISSUER": "https://id.example/", "AUTH_CLIENT_ID": "cli",
    }  # fmt: skip
    assert told(anybody, "jobs_api") == {"AUTH_MODE": "none"}


def test_who_is_behind_an_authorizer_is_told_the_mode_alone(dev: Template, anybody: Template) -> None:
    assert told(dev, "initiate_job") == {"AUTH_MODE": "jwt"}
    assert told(anybody, "initiate_job") == {"AUTH_MODE": "none"}
    assert told(dev, "websocket") == told(anybody, "websocket") == {}


def test_the_origins_of_browsers_are_those_of_cors(
    dev: Template, prod: Template, elsewhere: Template
) -> None:
    for function in ("authorize_websocket", "stream_progress"):
        origins = [
            handlers(each)[function]["Environment"]["Variables"]["CORS_ORIGINS"]
            for each in (dev, prod, elsewhere)
        ]
        assert origins == ["*", "", "https://app.example,https://other.example"]


def test_another_issuer_is_asked_by_the_gateway_and_no_pool_is_made(another_issuer: Template) -> None:
    jwt = one(another_issuer, AUTHORIZER, "httpapi")["JwtConfiguration"]
    assert jwt == {"Issuer": "https://id.example/", "Audience": ["downloads", "https://downloads.example"]}
    another_issuer.resource_count_is(POOL, 0)
    assert "UserPoolId" not in another_issuer.to_json()["Outputs"]


def test_where_nobody_signs_in_there_is_no_pool(anybody: Template) -> None:
    anybody.resource_count_is(POOL, 0)
    assert "UserPoolId" not in anybody.to_json()["Outputs"]
