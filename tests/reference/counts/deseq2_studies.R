# DESeq2 on the two public studies under data/ (every gene): which genes it calls at 5% and 10%, and the numbers of every
# sixteenth (airway) or sixth (shock) gene; the last coefficient of each design.
suppressMessages({library(DESeq2); library(jsonlite)})
study <- function(file) {
  K <- as.matrix(read.csv(gzfile(sprintf("../../../data/%s_counts.csv.gz", file)), row.names = 1))
  d <- read.csv(sprintf("../../../data/%s_samples.csv", file), row.names = 1); d[] <- lapply(d, factor)
  if (file == "airway") d$dexamethasone <- relevel(d$dexamethasone, "untreated")
  list(K = K[, rownames(d)], d = d)
}
rows <- list(); about <- list(DESeq2 = as.character(packageVersion("DESeq2")))
run <- function(name, file, formula, every) {
  s <- study(file); seconds <- system.time(dd <- DESeq(DESeqDataSetFromMatrix(s$K, s$d, formula), quiet = TRUE))
  term <- tail(resultsNames(dd), 1); r <- as.data.frame(results(dd, name = term)); m <- mcols(dd); f <- attributes(dispersionFunction(dd))
  kept <- seq(1, nrow(r), by = every)
  out <- data.frame(study = name, gene = rownames(r), baseMean = r$baseMean, dispersion = m$dispersion, lfc = r$log2FoldChange,
    se = r$lfcSE, stat = r$stat, p = r$pvalue, padj = r$padj, iterations = m$betaIter)[kept, ]
  out[] <- lapply(out, function(x) if (is.numeric(x)) formatC(x, digits = 9, format = "g", width = 1) else x); rows[[name]] <<- out
  strict <- as.data.frame(results(dd, name = term, alpha = .05))
  about[[name]] <<- list(formula = paste(deparse(formula), collapse = ""), term = term, coefficients = unname(f$coefficients),
    prior_variance = f$dispPriorVar, called_at_0.05 = sum(r$padj < .05, na.rm = TRUE), called_at_0.1 = sum(r$padj < .1, na.rm = TRUE),
    called_at_0.05_filtered_for_it = sum(strict$padj < .05, na.rm = TRUE), without_p = sum(is.na(r$pvalue)), left_out = sum(is.na(r$padj)))
  con <- gzfile(sprintf("deseq2_called_%s.txt.gz", name), "w"); writeLines(as.character(which(strict$padj < .05)), con); close(con)
}
run("airway", "airway", ~ donor + dexamethasone, 16)
run("airway_unpaired", "airway", ~ dexamethasone, 16)
run("shock", "shock", ~ patient + time, 6)
run("shock_unpaired", "shock", ~ time, 6)
con <- gzfile("deseq2_studies.csv.gz", "w"); write.csv(do.call(rbind, rows), con, row.names = FALSE, quote = FALSE); close(con)
write_json(about, "deseq2_studies.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
