"""Read models of the web pages."""
