"""Studies: the list, one study, its texts, and the forms for them."""
