"""What runs, in what order, how often: settings, the command line, the Prefect flows.

`mirror` refreshes one category and knows no Prefect; `refresh` is the flow around it.
"""
