"""Studies, their texts, and the forms for them."""
