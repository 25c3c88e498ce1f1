"""From watts at steps of load to the ``[machine]`` table of a policy, with its own error.

Begin with ``load_steps``, then ``fit_curve``; ``machine_table_text`` puts the table into a file that somebody wrote.
"""
