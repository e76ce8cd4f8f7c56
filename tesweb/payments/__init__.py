"""Taking money through gateways: nothing is lost, nothing is charged twice."""
