"""What assistants read of the database: a server of the Model Context Protocol, over the same services as the pages.

It writes nothing. No answer states a claim without how certain it is: the two are one sentence in one field, so that
an assistant can only quote them together.
"""
