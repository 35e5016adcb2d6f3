"""What is asked of any fitted model, and how often: weights of contrasts, adjustment of p-values, joint bounds."""
