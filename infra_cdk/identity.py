"""Identity: who signs callers in. A user pool of the stack's own, another OpenID issuer, or nobody."""

from aws_cdk import Aws, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk.aws_apigatewayv2_authorizers import HttpJwtAuthorizer
from constructs import Construct

from infra_cdk import environment
from infra_cdk.config import Config
from infra_cdk.user_pool import create_client, create_pool


class Identity(Construct):
    """The issuer of access tokens, as the gateway and the functions need to know it.

    With AUTH_MODE=none there is none; with OIDC_ISSUER it is that; else a Cognito user pool is made.
    """

    def __init__(self, scope: Construct, name: str, config: Config) -> None:
        super().__init__(scope, name)
        self._config = config
        self.pool: cognito.UserPool | None = None
        self.client: cognito.UserPoolClient | None = None
        if config.auth_mode == "jwt" and not config.oidc_issuer:
            self.pool = create_pool(self, config)
            self.client = create_client(self.pool)
        self.authorizer = self._create_authorizer()

    @property
    def issuer(self) -> str | None:
        """What stands in a token's `iss`, to the letter."""
        return self._fill(self._config.addresses.issuer) if self.pool else self._config.oidc_issuer

    @property
    def audiences(self) -> list[str]:
        """What a token's `aud` may be; Cognito's access tokens say it in `client_id`."""
        return [self.client.user_pool_client_id] if self.client else list(self._config.oidc_audiences)

    @property
    def mode(self) -> environment.Variables:
        """For who takes the caller from what the gateway verified."""
        return {"AUTH_MODE": self._config.auth_mode}

    @property
    def verification(self) -> environment.Variables:
        """For who verifies tokens itself, and the `Origin` of browsers."""
        keys = self._fill(self._config.addresses.jwks) if self.pool else self._config.oidc_jwks_url
        known = {"TOKEN_ISSUER": self.issuer, "TOKEN_AUDIENCES": ",".join(self.audiences), "JWKS_URL": keys}
        return {**self.mode, **_found(known), "CORS_ORIGINS": ",".join(self._config.cors_origins)}

    @property
    def sign_in(self) -> environment.Variables:
        """For who tells callers how to sign in."""
        client = self.client.user_pool_client_id if self.client else self._config.oidc_client_id
        endpoint = self._fill(self._config.addresses.cognito) if self.pool else None
        known = {"TOKEN_ISSUER": self.issuer, "AUTH_CLIENT_ID": client, "AUTH_ENDPOINT": endpoint}
        return {**self.mode, **_found(known)}

    @property
    def outputs(self) -> dict[str, str]:
        """The pool and its client, where they are the stack's own."""
        if self.pool is None or self.client is None:
            return {}
        return {"UserPoolId": self.pool.user_pool_id, "UserPoolClientId": self.client.user_pool_client_id}

    def _create_authorizer(self) -> HttpJwtAuthorizer | None:
        if self.issuer is None:
            return None
        return HttpJwtAuthorizer("jwt", self.issuer, jwt_audience=self.audiences)

    def _fill(self, pattern: str) -> str:
        pool_id = self.pool.user_pool_id if self.pool else ""
        region = Stack.of(self).region
        return self._config.addresses.fill(pattern, pool_id=pool_id, region=region, suffix=Aws.URL_SUFFIX)


def _found(variables: dict[str, str | None]) -> environment.Variables:
    return {name: value for name, value in variables.items() if value}
