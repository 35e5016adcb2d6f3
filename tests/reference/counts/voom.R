# limma's voom and edgeR's other tests on counts_10k.csv.gz, ~ urea + weight, z-scored.
suppressMessages({library(edgeR); library(limma); library(jsonlite)})
K <- as.matrix(read.csv(gzfile("counts_10k.csv.gz"), row.names = 1, check.names = FALSE))
cd <- read.csv("counts_design.csv"); cd$urea_z <- as.numeric(scale(cd$urea)); cd$weight_z <- as.numeric(scale(cd$weight))
stopifnot(all(colnames(K) == cd$sample)); D <- model.matrix(~urea_z + weight_z, cd)
keep <- rowSums(K) >= 1
y <- calcNormFactors(DGEList(K[keep, ])); v <- voom(y, D); f <- eBayes(lmFit(v, D))
y <- estimateDisp(y, D); g <- glmFit(y, D); l2 <- glmLRT(g, coef = 2); l3 <- glmLRT(g, coef = 3)
out <- data.frame(gene = rownames(f), estimate_urea = f$coefficients[, 2], t_urea = f$t[, 2], p_urea = f$p.value[, 2],
  estimate_weight = f$coefficients[, 3], t_weight = f$t[, 3], p_weight = f$p.value[, 3], s2_post = f$s2.post,
  weight_first = v$weights[, 1], weight_last = v$weights[, 10], lr_urea = l2$table$LR, lr_weight = l3$table$LR,
  lr_p_urea = l2$table$PValue, lr_p_weight = l3$table$PValue)
out[] <- lapply(out, function(x) if (is.numeric(x)) formatC(x, digits = 9, format = "g", width = 1) else x)
con <- gzfile("voom_out.csv.gz", "w"); write.csv(out, con, row.names = FALSE, quote = FALSE); close(con)
write_json(list(df_prior = f$df.prior, s2_prior = f$s2.prior, df_total = max(f$df.total), limma = as.character(packageVersion("limma")),
  edgeR = as.character(packageVersion("edgeR"))), "voom_out.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
