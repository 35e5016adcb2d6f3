# DESeq2 on small simulated tables of many designs, outliers among the counts: few residual degrees of freedom (2, 3),
# cells with 3 to 6 samples (outliers flagged), with 7 or more (outliers replaced), a covariate, an interaction, pairs,
# few reads, no scatter beyond Poisson. 300 genes each; the last coefficient of each design.
suppressMessages({library(DESeq2); library(jsonlite)})
RNGversion("3.6.0"); set.seed(11)
g <- function(...) rep(letters[seq_along(c(...))], c(...))
designs <- list(
  two_by_two = list(data.frame(g = g(2, 2)), ~g), three_and_two = list(data.frame(g = g(3, 2)), ~g),
  pairs = list(data.frame(p = rep(c("k", "l", "m"), each = 2), g = rep(c("a", "b"), 3)), ~ p + g),
  five_each = list(data.frame(g = g(5, 5)), ~g), eight_each = list(data.frame(g = g(8, 8)), ~g),
  seven_and_three = list(data.frame(g = g(7, 3)), ~g), three_groups = list(data.frame(g = g(8, 8, 4)), ~g),
  interaction = list(data.frame(g = g(6, 6), h = rep(c("u", "v"), 6)), ~ g * h),
  group_and_covariate = list(data.frame(g = g(6, 6), x = round(rnorm(12), 3)), ~ g + x),
  few_reads = list(data.frame(g = g(8, 8)), ~g), no_scatter = list(data.frame(g = g(4, 4)), ~g))
rows <- list(); about <- list()
for (name in names(designs)) {
  d <- designs[[name]][[1]]; n <- nrow(d); G <- 300; rownames(d) <- paste0("s", seq_len(n)); d$g <- factor(d$g)
  for (k in names(d)) if (is.character(d[[k]])) d[[k]] <- factor(d[[k]])
  mu <- exp(rnorm(G, if (name == "few_reads") 0.3 else 4, 1.3)); effect <- ifelse(runif(G) < .3, rnorm(G), 0)
  m <- outer(mu, runif(n, .6, 1.8)) * exp(outer(effect, d$g == "b")); a <- (.05 + 2 / mu) * exp(rnorm(G, 0, .6))
  if (name == "no_scatter") a <- rep(1e-9, G)  # the parametric curve fails: DESeq2 takes locfit's
  K <- matrix(rnbinom(G * n, mu = m, size = 1 / a), G, n, dimnames = list(sprintf("g%03d", 1:G), rownames(d)))
  far <- runif(G * n) < .006; K[far] <- K[far] * sample(10:60, sum(far), TRUE) + 15L; mode(K) <- "integer"
  dd <- DESeq(DESeqDataSetFromMatrix(K, d, designs[[name]][[2]]), quiet = TRUE)
  term <- tail(resultsNames(dd), 1); r <- as.data.frame(results(dd, name = term)); s <- mcols(dd); f <- attributes(dispersionFunction(dd))
  r <- data.frame(design = name, gene = rownames(K), counts = apply(K, 1, paste, collapse = " "), baseMean = r$baseMean,
    own = s$dispGeneEst, dispersion = s$dispersion, lfc = r$log2FoldChange, se = r$lfcSE, stat = r$stat, p = r$pvalue, padj = r$padj,
    iterations = s$betaIter, replaced = if (is.null(s$replace)) FALSE else s$replace)
  r[] <- lapply(r, function(x) if (is.numeric(x)) formatC(x, digits = 9, format = "g", width = 1) else x); rows[[name]] <- r
  about[[name]] <- list(formula = paste(deparse(designs[[name]][[2]]), collapse = ""), samples = as.list(d), term = term, fitType = f$fitType,
    coefficients = unname(f$coefficients), prior_variance = f$dispPriorVar, spread = f$varLogDispEsts, size_factors = unname(sizeFactors(dd)))
}
con <- gzfile("deseq2_designs.csv.gz", "w"); write.csv(do.call(rbind, rows), con, row.names = FALSE, quote = FALSE); close(con)
write_json(c(list(DESeq2 = as.character(packageVersion("DESeq2"))), about), "deseq2_designs.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
