"""How many heartbeats one core takes, how fast they are answered, and when a viewer sees them."""
