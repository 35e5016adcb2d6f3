# DESeq2 finds the prior variance of log dispersions by simulation where 3 residual degrees of freedom or fewer are left:
# after set.seed(2), for each of 200 variances x, 10,000 draws of log(chi-squared/df) + normal(0, x), counted in 40 bins
# of width 0.5 from -10 to 10. The draws do not depend on the data. One row per df and x: the counts.
draws <- function(df) {
  set.seed(2)
  t(sapply(seq(0, 8, length = 200), function(x) {
    d <- log(rchisq(1e4, df = df)) + rnorm(1e4, 0, sqrt(x)) - log(df)
    hist(d[d > -10 & d < 10], breaks = -20:20 / 2, plot = FALSE)$counts
  }))
}
RNGversion("3.6.0")
out <- do.call(rbind, lapply(1:3, draws))
con <- gzfile("../../../helpers/counts/prior_draws.csv.gz", "w")
write.table(out, con, sep = ",", row.names = FALSE, col.names = FALSE); close(con)
