"""The decisions of the local hooks: warnings about budgets, about a policy's paths and about workflows.

Begin with ``budget_warnings``, then ``path_problems`` and ``workflow_rules``.
"""
