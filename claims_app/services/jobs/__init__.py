"""Work in the background: jobs in a table of the database, done by a few threads of the server.

    def run(work: Work) -> None:                          # what a job does, in steps
        for step in steps:
            with work.writing(change) as session:         # a transaction that only its present holder can commit
                …
                work.progress(session, done, total)

    IMPORTS = Kind("import", run)
    queue.enqueue(session, IMPORTS.name, upload.id)       # it begins once the transaction is committed
    queue.cancel(session, IMPORTS.name, upload.id)        # the job loses its row, so its next transaction fails

A job has a kind and a subject, and there is at most one for both together. A process that does it holds it for a while
(`LEASE`) and says so again and again. If the process is killed, another one, or the same after its restart, takes the
job over; `run` then goes on from what the database says. `Work.writing` refuses a holder that lost its job, within
the same transaction, so that no step is done twice.

`queue` has the rules, `work` what a job sees, and `runner` the threads.
"""
