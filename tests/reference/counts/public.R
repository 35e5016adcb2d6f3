# How many genes edgeR and limma call in the two public data sets (false discovery rate 5% and 10%). Run in this folder:
# Rscript public.R; it reads data/ and writes public.json. Quasi-likelihood is edgeR 3's (the default of 3.40).
suppressMessages({library(edgeR); library(limma); library(jsonlite)})
data <- file.path("..", "..", "..", "data")
read <- function(name) as.matrix(read.csv(gzfile(file.path(data, name)), row.names = 1, check.names = FALSE))
called <- function(p) { q <- p.adjust(p, "BH"); c(sum(q < .05), sum(q < .1)) }
both <- function(K, D, coefs) {
  y <- calcNormFactors(DGEList(K)); v <- voom(y, D); f <- eBayes(lmFit(v, D))
  y <- estimateDisp(y, D); g <- glmQLFit(y, D)
  sapply(coefs, function(k) list(quasi_likelihood = called(glmQLFTest(g, coef = k)$table$PValue), voom = called(f$p.value[, k])), simplify = FALSE)
}
K <- read("shock_counts.csv.gz"); s <- read.csv(file.path(data, "shock_samples.csv"), row.names = 1)[colnames(K), ]
D <- model.matrix(~ time + patient, s); coefs <- c("timeT2", "timeT3"); shock <- both(K, D, coefs)
X <- model.matrix(~ time, s); y <- calcNormFactors(DGEList(K)); v <- voom(y, X); r <- duplicateCorrelation(v, X, block = s$patient)$consensus
v <- voom(y, X, block = s$patient, correlation = r); r <- duplicateCorrelation(v, X, block = s$patient)$consensus
f <- eBayes(lmFit(v, X, block = s$patient, correlation = r)); for (k in coefs) shock[[k]]$voom_block <- called(f$p.value[, k])
K <- read("airway_counts.csv.gz"); s <- read.csv(file.path(data, "airway_samples.csv"), row.names = 1)[colnames(K), ]
s$dexamethasone <- relevel(factor(s$dexamethasone), "untreated"); k <- "dexamethasonetreated"
airway <- both(K[rowSums(K) >= 10, ], model.matrix(~ dexamethasone + donor, s), k)
X <- model.matrix(~ dexamethasone, s); y <- calcNormFactors(DGEList(K[rowSums(K) >= 10, ])); v <- voom(y, X)
r <- duplicateCorrelation(v, X, block = s$donor)$consensus; v <- voom(y, X, block = s$donor, correlation = r)
r <- duplicateCorrelation(v, X, block = s$donor)$consensus
f <- eBayes(lmFit(v, X, block = s$donor, correlation = r)); airway[[k]]$voom_block <- called(f$p.value[, k])
write_json(list(shock = shock, airway = airway, versions = list(edgeR = as.character(packageVersion("edgeR")),
  limma = as.character(packageVersion("limma")))), "public.json", auto_unbox = TRUE, pretty = TRUE)
