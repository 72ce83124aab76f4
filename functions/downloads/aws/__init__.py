"""One adapter a service: the ports of the domain, spoken to AWS."""
