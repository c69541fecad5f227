"""New studies: looked up, found by saved searches, waiting in the inbox, decided on."""
