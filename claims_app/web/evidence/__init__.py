"""Evidence items and limitations: the forms for them."""
