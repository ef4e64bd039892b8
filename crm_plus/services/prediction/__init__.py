"""What predictions are made from: leads as columns, each as of one moment.

* `catalogue`: which fields are used by default and which are not, and why,
* `moments`: the moment each lead is seen from: now for an open lead, a moment of its open life for a closed one,
* `columns`: set-based queries that fetch the values of many leads as of those moments,
* `readable`: names for people instead of ids.

Whatever is dated (interactions, purchases, other leads of the customer, the customer record itself) counts only when it
happened before that moment. The fields of a lead have no history in the host: they count as they are, which is why
`engine.prediction.leakage` looks for those that are filled or changed with the outcome.
"""
