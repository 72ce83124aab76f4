"""What operators see of the deployed service: `admin top` and `admin job`, by AWS's own calls."""
