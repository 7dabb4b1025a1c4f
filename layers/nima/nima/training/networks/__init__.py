"""Networks in Keras: what they are, how they are built, and the weights that they start from."""
