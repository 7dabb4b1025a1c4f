"""A model of one's own from the first rating to the deployed function and back, without a network."""
