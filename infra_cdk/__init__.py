"""The infrastructure: one CDK app for AWS and for the emulator on this machine."""
