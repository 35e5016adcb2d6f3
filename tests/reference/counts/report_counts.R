# What the report on counts computes, by edgeR, limma and DESeq2: dispersions before and after they are drawn to each other
# (mouse counts), pairwise levels with a block, effects within groups and their difference, a threshold (every tenth gene of
# shock). R 4.2, edgeR 3.40.2, limma 3.54.1, DESeq2 1.38.3. Run in this folder: Rscript report_counts.R
suppressMessages({library(edgeR); library(limma); library(DESeq2)})
write <- function(x, file) {
  x[] <- lapply(x, function(v) if (is.numeric(v)) formatC(v, digits = 12, format = "g", width = 1) else as.character(v))
  con <- gzfile(file, "w"); write.csv(x, con, row.names = FALSE, quote = FALSE); close(con)
}
K <- as.matrix(read.csv(gzfile("../../../data/mouse_counts.csv.gz"), row.names = 1, check.names = FALSE))
s <- read.csv("../../../data/mouse_scores.csv", row.names = 1); stopifnot(all(colnames(K) == rownames(s)))
K <- K[filterByExpr(K, group = s$group), ]
D <- model.matrix(~group, s); y <- calcNormFactors(DGEList(K))
own <- estimateDisp(y, D, prior.df = 0); y <- estimateDisp(y, D)
q <- glmQLFit(y, D, legacy = TRUE)  # edgeR 4: the method of edgeR 3
f <- lmFit(voom(y, D), D); e <- eBayes(f)
d <- suppressMessages(estimateDispersions(estimateSizeFactors(DESeqDataSetFromMatrix(K, s, ~group))))
some <- seq(1, nrow(K), by = 20)
write(data.frame(gene = rownames(K), own = own$tagwise.dispersion, trend = y$trended.dispersion, moderated = y$tagwise.dispersion,
  own_variance = q$deviance / q$df.residual.zeros, variance = q$var.post, voom_own = f$sigma^2, voom = e$s2.post,
  deseq2_own = mcols(d)$dispGeneEst, deseq2_trend = mcols(d)$dispFit, deseq2 = dispersions(d))[some, ], "report_dispersions.csv.gz")

K <- as.matrix(read.csv(gzfile("../../../data/shock_counts.csv.gz"), row.names = 1, check.names = FALSE))
K <- K[seq(1, nrow(K), by = 10), ]
s <- read.csv("../../../data/shock_samples.csv", stringsAsFactors = TRUE); stopifnot(all(colnames(K) == s$sample))
s$site <- factor(substr(s$patient, 1, 1))
rows <- list()
tested <- function(study, q, weights, lfc = 0) for (label in colnames(weights)) {
  t <- if (lfc > 0) glmTreat(q, contrast = weights[, label], lfc = lfc)$table else glmQLFTest(q, contrast = weights[, label])$table
  r <- data.frame(study = study, gene = rownames(t), contrast = label, log2_fold_change = t$logFC, p_value = t$PValue,
    p_adjusted = p.adjust(t$PValue, "BH"), n = nrow(t))
  rows[[length(rows) + 1]] <<- r[seq(1, nrow(r), by = 15), ]
}
fitted <- function(D, ...) {
  y <- calcNormFactors(DGEList(K[filterByExpr(K, design = D, ...), ])); glmQLFit(estimateDisp(y, D), D, legacy = TRUE)
}
D <- model.matrix(~patient + time, s)
p <- ncol(D); W <- matrix(0, p, 3, dimnames = list(NULL, c("T2-T1", "T3-T1", "T3-T2")))
W[p - 1, 1] <- 1; W[p, 2] <- 1; W[(p - 1):p, 3] <- c(-1, 1)
q <- fitted(D, min.count = 300)
tested("pairs", q, W); tested("threshold", q, W[, 2, drop = FALSE], lfc = 0.5)
D <- model.matrix(~site * time, s)  # (Intercept) siteG timeT2 timeT3 siteG:timeT2 siteG:timeT3
W <- cbind("T3-T1 in E" = c(0, 0, 0, 1, 0, 0), "T3-T1 in G" = c(0, 0, 0, 1, 0, 1), "T3-T1 in G-E" = c(0, 0, 0, 0, 0, 1))
tested("sites", fitted(D, min.count = 300), W)
write(do.call(rbind, rows), "report_counts.csv.gz")
