# Eleven patients, three times (shock): voom with limma's duplicateCorrelation, two rounds, as edgeR's voomLmFit(block=)
# does it. R 4.2, edgeR 3.40.2, limma 3.54.1, statmod 1.5.0. Run in this folder: Rscript blocks.R
suppressMessages({library(edgeR); library(limma); library(jsonlite)})
write <- function(x, file) {
  x[] <- lapply(x, function(v) if (is.numeric(v)) formatC(v, digits = 15, format = "g", width = 1) else v)
  con <- gzfile(file, "w"); write.csv(x, con, row.names = FALSE, quote = FALSE); close(con)
}
K <- as.matrix(read.csv(gzfile("../../../data/shock_counts.csv.gz"), row.names = 1, check.names = FALSE))
s <- read.csv("../../../data/shock_samples.csv", stringsAsFactors = TRUE)
numbers <- list(); lists <- list()
blocked <- function(name, K, D, block, coef, file, by) {
  y <- calcNormFactors(DGEList(K))
  v <- voom(y, D)
  first <- duplicateCorrelation(v, D, block = block)
  v <- voom(y, D, block = block, correlation = first$consensus.correlation)
  second <- duplicateCorrelation(v, D, block = block)
  f <- lmFit(v, D, block = block, correlation = second$consensus.correlation); e <- eBayes(f); t <- treat(f, lfc = 0.5)
  some <- seq(1, nrow(K), by = by)
  write(data.frame(gene = rownames(K), estimate = f$coefficients[, coef], t = e$t[, coef], p = e$p.value[, coef],
    variance = e$s2.post, treat_p = t$p.value[, coef], atanh = second$atanh.correlations)[some, ], file)
  numbers[[name]] <<- list(first = first$consensus.correlation, second = second$consensus.correlation, df_prior = e$df.prior,
    s2_prior = e$s2.prior, called = sum(p.adjust(e$p.value[, coef], "BH") < 0.05))
  lists[[name]] <<- rownames(K)[p.adjust(e$p.value[, coef], "BH") < 0.05]
}
blocked("shock", K, model.matrix(~time, s), s$patient, 3, "blocks_shock.csv.gz", 40)
# Blocks of one, two and three samples, and a covariate.
left <- setdiff(seq_len(nrow(s)), c(2, 3, 5, 9, 12, 13, 20)); few <- seq(1, nrow(K), by = 10)
t <- s[left, ]; x <- as.numeric(scale(colSums(K[, left])))
t$depth <- round(x, 3)
blocked("unequal", K[few, left], model.matrix(~time + depth, t), t$patient, 3, "blocks_unequal.csv.gz", 4)
write.csv(data.frame(sample = t$sample, depth = t$depth), "blocks_unequal_samples.csv", row.names = FALSE, quote = FALSE)
numbers$versions <- lapply(c(edgeR = "edgeR", limma = "limma", statmod = "statmod"), function(p) as.character(packageVersion(p)))
write_json(numbers, "blocks.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
con <- gzfile("blocks_called.csv.gz", "w")
write.csv(data.frame(data = rep(names(lists), lengths(lists)), gene = unlist(lists)), con, row.names = FALSE, quote = FALSE)
close(con); print(unlist(numbers))
