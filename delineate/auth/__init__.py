"""Who asks: tokens, sign-ins, and where they may go."""
