"""The user pool that the stack makes where no other issuer is named, and its public client."""

from aws_cdk import Duration
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra_cdk.config import Config
from infra_cdk.logs import removal_policy
from infra_cdk.nag import acknowledge

SHORTEST_PASSWORD = 12

MFA_BY_CHOICE = (
    "Users may add an authenticator app; asking all of them for one would shut out the command line "
    "client's sign-in by password, so an adopter whose users are all people turns it on."
)
NO_THREAT_PROTECTION = (
    "Threat protection needs Cognito's Plus plan, which is billed for every user; the pool has no self "
    "sign-up and answers the same for unknown users, and an adopter who wants it changes the plan."
)


def create_pool(scope: Construct, config: Config) -> cognito.UserPool:
    """Users that an administrator makes, by name or by e-mail, with passwords worth the name."""
    pool = cognito.UserPool(
        scope,
        "pool",
        self_sign_up_enabled=False,
        sign_in_aliases=cognito.SignInAliases(username=True, email=True),
        sign_in_case_sensitive=False,
        account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
        mfa=cognito.Mfa.OPTIONAL,
        mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
        password_policy=cognito.PasswordPolicy(
            min_length=SHORTEST_PASSWORD,
            require_lowercase=True,
            require_uppercase=True,
            require_digits=True,
            require_symbols=True,
            temp_password_validity=Duration.days(1),
        ),
        deletion_protection=config.retain_data,
        removal_policy=removal_policy(config),
    )
    acknowledge(pool, "AwsSolutions-COG2", MFA_BY_CHOICE)
    acknowledge(pool, "AwsSolutions-COG3", NO_THREAT_PROTECTION)
    acknowledge(pool, "AwsSolutions-COG8", NO_THREAT_PROTECTION)
    return pool


def create_client(pool: cognito.UserPool) -> cognito.UserPoolClient:
    """A public client: a command line tool and a web page can keep no secret."""
    return pool.add_client(
        "client",
        generate_secret=False,
        auth_flows=cognito.AuthFlow(user_password=True),
        disable_o_auth=True,
        prevent_user_existence_errors=True,
        enable_token_revocation=True,
        access_token_validity=Duration.hours(1),
        id_token_validity=Duration.hours(1),
        refresh_token_validity=Duration.days(30),
    )
