"""The web side: everything is rendered from the live snapshot; nothing here can reach the network."""
