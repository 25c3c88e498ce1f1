"""What ``init`` proposes for a project: features, budgets, workflow, labels, hooks. Facts go in, texts come out.

Begin with ``project_facts``, then ``propose_features`` and ``policy_text``.
"""
