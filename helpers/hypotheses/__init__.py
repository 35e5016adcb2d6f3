"""What is asked of any fitted model, and how often: weights, the table of tests, adjusted p-values, joint bounds."""
