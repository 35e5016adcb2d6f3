# DESeq2 on the first 2,000 genes of counts_10k.csv.gz, ~ urea + weight, z-scored: ten thousand take PyDESeq2 20 s.
suppressMessages({library(DESeq2); library(jsonlite)})
K <- as.matrix(read.csv(gzfile("counts_10k.csv.gz"), row.names = 1, check.names = FALSE))[1:2000, ]
cd <- read.csv("counts_design.csv", row.names = 1)
cd$urea_z <- as.numeric(scale(cd$urea)); cd$weight_z <- as.numeric(scale(cd$weight)); stopifnot(all(colnames(K) == rownames(cd)))
dd <- DESeq(DESeqDataSetFromMatrix(K, cd, ~urea_z + weight_z), quiet = TRUE)
u <- results(dd, name = "urea_z"); w <- results(dd, name = "weight_z")
out <- data.frame(gene = rownames(K), baseMean = u$baseMean, dispersion = mcols(dd)$dispersion, lfc_urea = u$log2FoldChange,
  se_urea = u$lfcSE, p_urea = u$pvalue, padj_urea = u$padj, lfc_weight = w$log2FoldChange, se_weight = w$lfcSE,
  p_weight = w$pvalue, padj_weight = w$padj)
out[] <- lapply(out, function(x) if (is.numeric(x)) formatC(x, digits = 10, format = "g", width = 1) else x)
con <- gzfile("deseq2_2000.csv.gz", "w"); write.csv(out, con, row.names = FALSE, quote = FALSE); close(con)
write_json(list(size_factors = as.list(sizeFactors(dd)), DESeq2 = as.character(packageVersion("DESeq2"))), "deseq2_2000.json",
  digits = NA, auto_unbox = TRUE, pretty = TRUE)
