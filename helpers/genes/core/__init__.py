"""One random intercept, one design, many responses: the numerical core. Arrays in, arrays out; numpy and scipy only.

Model of each gene: y = Xβ + Zb + e, e_i ~ N(0, σ²/w_i), b ~ N(0, σ²λ), so V = σ²Ṽ with Ṽ = D⁻¹ + λZZ', D = diag(w).
θ = √λ is lme4's. Arrays run over genes along their last axis, so that every step is one operation on long rows.

`shared` holds genes that have every sample with equal weights: one spectral decomposition serves them all. `own` holds
genes with missing values or weights: sums per group and gene. Both tell `optimum` the profiled deviance and its
derivatives, and `estimates` how the estimates' covariance moves with λ. `least_squares` is the model without Zb.

The spectral idea is that of EMMA (Kang et al. 2008, doi:10.1534/genetics.107.080101) and FaST-LMM (Lippert et al. 2011,
doi:10.1038/nmeth.1681).
"""
