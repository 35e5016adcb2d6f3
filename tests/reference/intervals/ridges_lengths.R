# Profile intervals of log(length) ~ condition + (1 + condition | replicate), gene by gene of ../../../data/, by brute force: each
# replicate's two means and the residual sum of squares are sufficient. Run in this folder: Rscript ridges_lengths.R
source("brute.R")
data <- read.csv(gzfile("../../../data/modification_lengths.csv.gz")); data$condition <- factor(data$condition, c("NO DRUG", "DRUG"))
deviance_of <- function(d) {
  y <- log(d$length); x <- as.numeric(d$condition == "DRUG"); g <- split(seq_along(y), d$replicate)
  parts <- lapply(g, function(i) { X <- cbind(1, x[i]); C <- solve(crossprod(X)); b <- C %*% crossprod(X, y[i]); list(C = C, b = b, sse = sum((y[i] - X %*% b)^2), n = length(i)) })
  sse <- sum(sapply(parts, `[[`, "sse")); n <- length(y); logdet <- -sum(sapply(parts, function(p) log(det(p$C))))
  function(sd1, sd2, rho, sigma) {
    D <- matrix(c(sd1^2, rho * sd1 * sd2, rho * sd1 * sd2, sd2^2), 2); inverse <- lapply(parts, function(p) solve(D + sigma^2 * p$C))
    beta <- solve(Reduce(`+`, inverse), Reduce(`+`, Map(function(W, p) W %*% p$b, inverse, parts)))
    sum(mapply(function(W, p) { r <- p$b - beta; sum(r * (W %*% r)) - log(det(W)) }, inverse, parts)) + logdet +
      (n - 2 * length(parts)) * log(sigma^2) + sse / sigma^2 + n * log(2 * pi)
  }
}
out <- lapply(c(A = "A", B = "B", C = "C"), function(gene) {
  dev <- deviance_of(data[data$gene_name == gene, ]); scale <- .5; best <- estimates(dev, scale)
  found <- sapply(names4, function(name) ends(dev, best, name, scale)); cat(gene, best$value, best$at, found, "\n")
  list(deviance = best$value, estimate = as.list(best$at), low = as.list(found[1, ]), high = as.list(found[2, ]))
})
write_json(list(R = R.version.string, genes = out), "ridges_lengths.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
