"""How good the product's judgement is: reasons, the order of a product's pictures, stars, confidence, white grounds."""
