"""What people would use instead: programs that the benches run beside the service."""
