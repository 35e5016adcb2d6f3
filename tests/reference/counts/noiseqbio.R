# NOISeq's method for biological replicates. R 4.2, NOISeq 2.42.0. Run in this folder: Rscript noiseqbio.R
# Ten samples and more: the noise comes from 50 permutations of the samples, which are written, too. Up to nine: from
# clusters of genes (k-means from random starts), which are written for one seed, and counts resampled within them. Five
# seeds tell how much the number of genes called varies.
suppressMessages({library(NOISeq); library(jsonlite)})
write <- function(x, file) {
  x[] <- lapply(x, function(v) if (is.numeric(v)) formatC(v, digits = 12, format = "g", width = 1) else v)
  con <- gzfile(file, "w"); write.csv(x, con, row.names = FALSE, quote = FALSE); close(con)
}
read <- function(name, by) {
  K <- as.matrix(read.csv(gzfile(sprintf("../../../data/%s_counts.csv.gz", name)), row.names = 1, check.names = FALSE))
  K[seq(1, nrow(K), by = by), ]
}
run <- function(K, group, seed) {
  data <- readData(data = K, factors = data.frame(group = group))
  invisible(capture.output(r <- suppressWarnings(noiseqbio(data, norm = "tmm", factor = "group", lc = 0,
    random.seed = seed))))
  r@results[[1]]
}
numbers <- list(NOISeq = as.character(packageVersion("NOISeq")))

K <- read("shock", 4); s <- read.csv("../../../data/shock_samples.csv")
two <- s$time %in% c("T1", "T3"); K <- K[, two]; time <- s$time[two]
r <- run(K, time, 12345)
write(data.frame(gene = rownames(r), r[, c("T1_mean", "T3_mean", "theta", "prob", "log2FC")]), "noiseqbio_shock.csv.gz")
set.seed(12345); order <- t(sapply(1:50, function(i) sample(seq_len(ncol(K)))))
con <- gzfile("noiseqbio_permutations.csv.gz", "w")
write.table(order, con, sep = ",", row.names = FALSE, col.names = FALSE); close(con)
numbers$shock <- list(called_80 = sum(r$prob > 0.8, na.rm = TRUE), called_95 = sum(r$prob > 0.95, na.rm = TRUE), kept = sum(!is.na(r$prob)))

K <- read("airway", 8); a <- read.csv("../../../data/airway_samples.csv")
found <- list()  # every result of kmeans, in the order of the calls
share <- getFromNamespace("share.info", "NOISeq")
environment(share) <- list2env(list(kmeans = function(x, ...) {
  r <- stats::kmeans(x, ...); found[[length(found) + 1]] <<- list(label = r$cluster, within = r$tot.withinss); r
}), parent = environment(share))
assignInNamespace("share.info", share, "NOISeq")
seeds <- c(12345, 1:4); runs <- list()
for (seed in seeds) { found <- list(); r <- run(K, a$dexamethasone, seed); runs[[length(runs) + 1]] <- c(list(r = r), found = list(found)) }
clusters <- runs[[1]]$found[[1]]$label; label <- setNames(as.character(clusters), names(clusters))
for (sub in runs[[1]]$found[-1]) label[names(sub$label)] <- paste0(label[names(sub$label)], ".", sub$label)
r <- runs[[1]]$r
write(data.frame(gene = rownames(r), r[, c("theta", "prob", "log2FC")], cluster = unname(label[rownames(r)])), "noiseqbio_airway.csv.gz")
numbers$airway <- list(called_95 = sapply(runs, function(x) sum(x$r$prob > 0.95, na.rm = TRUE)),
  within = sapply(runs, function(x) x$found[[1]]$within), kept = sum(!is.na(r$prob)))
write_json(numbers, "noiseqbio.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
print(numbers)
