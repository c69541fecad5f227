"""Files that come in: the project's own CSV, edited and sent back, and citations of other programs.

    opened = files.open_file(data)              what the file is
    rows = planning.plan(session, opened, …)    what each row means; nothing is written
    applying.apply(session, row, …)             what is taken is written, through the door of its record

The browser keeps the planned rows until somebody has looked at them (`uploads`); the command goes on at once.
"""
