"""Claims: the list, one claim, and the forms for them."""
