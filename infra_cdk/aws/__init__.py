"""Deploying to an AWS account: look before, show, ask, deploy, try. `python -m infra_cdk.aws deploy`."""
