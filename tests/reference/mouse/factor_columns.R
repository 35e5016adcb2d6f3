# Lesson 01: what R says when urea is a factor, as in the question's table, and what the lesson's other calls give.
library(jsonlite)
m <- read.csv("../../../data/mouse_scores.csv")
m$urea.f <- factor(as.character(m$urea))  # labels in the order of text, as in the question's dput
stopifnot(identical(levels(m$urea.f)[c(1, 8)], c("105.57", "35.59")))
stuck <- lm(gene_x ~ urea.f, data = m)
mended <- cor.test(as.numeric(as.character(m$urea.f)), m$gene_x)
within <- summary(lm(gene_x ~ total_score + group, data = m))$coefficients["total_score", ]
centred <- function(v) v - ave(v, m$group)

orders <- function(n) if (n == 1) matrix(1) else { # every order of 1 … n, a row each
  p <- orders(n - 1)
  do.call(rbind, lapply(1:n, function(i) cbind(p, n)[, append(1:(n - 1), n, after = i - 1), drop = FALSE]))
}
parts <- split(seq_len(nrow(m)), m$group)
all_within <- function(x, y) { # r of every arrangement within the groups
  each <- lapply(parts, function(rows) {
    o <- orders(length(rows))
    apply(o, 1, function(p) sum((x - mean(x))[rows] * y[rows][p]))
  })
  rowSums(expand.grid(each)) / sqrt(sum((x - mean(x))^2) * sum((y - mean(y))^2))
}
p_of <- function(x, y) mean(abs(all_within(x, y)) >= abs(cor(x, y)) - 1e-12)

out <- list(
  R = R.version.string,
  summary = trimws(capture.output(print(summary(stuck))), "right"),
  residual_df = stuck$df.residual,
  r_mended = unname(mended$estimate),
  r_codes = cor(as.numeric(m$urea.f), m$gene_x),
  within_r = cor(centred(m$total_score), centred(m$gene_x)),
  within_p = unname(within["Pr(>|t|)"]),
  arrangements = length(all_within(m$total_score, m$gene_x)),
  within_least = min(all_within(m$total_score, m$gene_x)),
  within_exact_p = p_of(m$total_score, m$gene_x),
  centred_exact_p = p_of(centred(m$total_score), centred(m$gene_x))
)
write_json(out, "factor_columns.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
