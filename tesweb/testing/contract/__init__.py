"""What `GatewayContract` is made of; `tesweb.testing.gateways` is its door."""
