"""What GitHub started this step with: the event and the Action's inputs, and which stages follow from both.

Begin with ``choose_stages``, which decides what a job does; ``log_commands`` writes to the job's log.
"""
