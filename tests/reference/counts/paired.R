# Four pairs (airway): the donor as a fixed effect in edgeR, limma and DESeq2; thresholds; filterByExpr. R 4.2, edgeR
# 3.40.2, limma 3.54.1, DESeq2 1.38.3. Run in this folder: Rscript paired.R
# edgeR 4 needs legacy = TRUE in glmQLFit for the numbers below; edgeR 3 knows no other method, and ignores the argument.
suppressMessages({library(edgeR); library(limma); library(DESeq2); library(jsonlite)})
read <- function(name) {
  K <- as.matrix(read.csv(gzfile(sprintf("../../../data/%s_counts.csv.gz", name)), row.names = 1, check.names = FALSE))
  list(K = K, s = read.csv(sprintf("../../../data/%s_samples.csv", name), stringsAsFactors = TRUE))
}
write <- function(x, file) {
  x[] <- lapply(x, function(v) if (is.numeric(v)) formatC(v, digits = 15, format = "g", width = 1) else v)
  con <- if (grepl("gz$", file)) gzfile(file, "w") else file
  write.csv(x, con, row.names = FALSE, quote = FALSE)
  if (inherits(con, "connection")) close(con)
}
lists <- list()  # sets of genes at a false discovery rate of 5%
called <- function(name, genes, p) lists[[name]] <<- genes[which(p < 0.05)]

a <- read("airway"); K <- a$K; s <- a$s
s$dexamethasone <- factor(s$dexamethasone, c("untreated", "treated"))
D <- model.matrix(~donor + dexamethasone, s)
numbers <- list()

# Filters: the number of genes each keeps, and their sum of places, which tells sets apart.
sh <- read("shock"); DS <- model.matrix(~time, sh$s); DP <- model.matrix(~patient + time, sh$s)
digest <- function(keep) list(kept = sum(keep), places = sum(which(keep)))
numbers$filter <- list(
  airway_design = digest(filterByExpr(K, design = D)),
  airway_group = digest(filterByExpr(K, group = s$dexamethasone)),
  airway_none = digest(suppressMessages(filterByExpr(K))),
  airway_no_intercept = digest(filterByExpr(K, design = model.matrix(~0 + dexamethasone, s))),
  airway_strict = digest(filterByExpr(K, group = s$dexamethasone, min.count = 100, min.total.count = 1000)),
  airway_total = digest(filterByExpr(K, group = s$dexamethasone, min.count = 2, min.total.count = 60)),
  shock_time = digest(filterByExpr(sh$K, design = DS, min.count = 50)),
  shock_large = digest(filterByExpr(sh$K, group = sh$s$time, min.count = 200, large.n = 5, min.prop = 0.4)),
  shock_patient = digest(filterByExpr(sh$K, design = DP, min.count = 300)))

keep <- filterByExpr(K, group = s$dexamethasone)
K <- K[keep, ]; genes <- rownames(K)
some <- seq(1, length(genes), by = 40)
y <- calcNormFactors(DGEList(K))

v <- voom(y, D); f <- lmFit(v, D); e <- eBayes(f)
called("voom", genes, p.adjust(e$p.value[, 5], "BH"))
t1 <- treat(f, lfc = 1); t2 <- treat(f, lfc = log2(1.2))
called("treat_1", genes, p.adjust(t1$p.value[, 5], "BH"))

y <- estimateDisp(y, D)
q <- suppressWarnings(glmQLFit(y, D, legacy = TRUE))  # edgeR 4: the method of edgeR 3
qt <- glmQLFTest(q, coef = 5)
called("quasi_likelihood", genes, p.adjust(qt$table$PValue, "BH"))
g1 <- glmTreat(q, coef = 5, lfc = 1); g2 <- glmTreat(q, coef = 5, lfc = log2(1.2))
called("glmTreat_1", genes, p.adjust(g1$table$PValue, "BH"))
write(data.frame(gene = genes, voom_estimate = f$coefficients[, 5], voom_t = e$t[, 5], voom_p = e$p.value[, 5],
  treat_1_p = t1$p.value[, 5], treat_1_t = t1$t[, 5], treat_low_p = t2$p.value[, 5], ql_logFC = qt$table$logFC,
  ql_F = qt$table$F, ql_p = qt$table$PValue, ql_df = q$df.residual.zeros + q$df.prior, ql_dispersion = y$trended.dispersion,
  ql_variance = q$var.post, glmTreat_1_p = g1$table$PValue, glmTreat_low_p = g2$table$PValue)[some, ],
  "paired.csv.gz")

d <- DESeqDataSetFromMatrix(a$K, s, ~donor + dexamethasone); d <- DESeq(d, quiet = TRUE)
r <- results(d); r0 <- results(d, independentFiltering = FALSE)
called("DESeq2", rownames(r), r$padj)
called("DESeq2_unfiltered", rownames(r), r0$padj)
tested <- which(r$baseMean > 0); tested <- tested[seq(1, length(tested), by = 80)]
write(data.frame(gene = rownames(r), mean = r$baseMean, log2_fold_change = r$log2FoldChange, std_error = r$lfcSE,
  statistic = r$stat, p = r$pvalue)[tested, ], "paired_deseq2.csv.gz")

numbers$called <- lapply(lists, length)
numbers$versions <- lapply(c(edgeR = "edgeR", limma = "limma", DESeq2 = "DESeq2"), function(p) as.character(packageVersion(p)))
write_json(numbers, "paired.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
con <- gzfile("paired_called.csv.gz", "w")
write.csv(data.frame(method = rep(names(lists), lengths(lists)), gene = unlist(lists)), con, row.names = FALSE, quote = FALSE)
close(con); print(unlist(numbers$called)); print(unlist(numbers$filter))
