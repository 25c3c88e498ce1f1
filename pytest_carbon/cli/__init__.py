"""The command line's verbs that decide: each module adds its own to the parser."""
