"""What GitHub started this step with: the event, the action's inputs, and what follows from both.

Begin with ``choose_stages``, which decides what a step does; ``log_commands`` writes to the job's log.
"""
