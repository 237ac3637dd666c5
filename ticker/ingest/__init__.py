"""The only room that touches the network: the client, the guards, when to look, the refresher."""
