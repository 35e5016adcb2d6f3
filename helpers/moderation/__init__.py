"""Variances that many genes share: `variances` draws them to one value, `trend` to a curve along their mean."""
