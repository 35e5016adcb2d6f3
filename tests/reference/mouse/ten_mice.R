# Lesson 02: how large r must be, and how many of the simulated genes go with urea and with weight.
library(jsonlite)
m <- read.csv("../../../data/mouse_scores.csv")
counts <- as.matrix(read.csv("../../../data/mouse_counts.csv.gz", row.names = 1, check.names = FALSE))[, m$animal]

smallest <- function(n) { t <- qt(0.975, n - 2); t / sqrt(n - 2 + t^2) }
p_of <- function(r, n) 2 * pt(-abs(r) * sqrt((n - 2) / (1 - r^2)), n - 2)

positive <- log(counts[apply(counts > 0, 1, all), ])
size <- exp(apply(positive - rowMeans(positive), 2, median))
logs <- log2(t(t(counts[rowMeans(counts) >= 5, ]) / size) + 1)
test <- function(x) {
  each <- apply(logs, 1, function(y) unlist(cor.test(x, y)[c("estimate", "p.value")]))
  data.frame(gene = rownames(logs), r = each[1, ], p = each[2, ], p_adjusted = p.adjust(each[2, ], "BH"))
}
urea <- test(m$urea)
weight <- test(m$weight)

set.seed(1)
power <- mean(replicate(20000, { x <- rnorm(10); cor.test(x, 0.5 * x + sqrt(0.75) * rnorm(10))$p.value < 0.05 }))

write_json(list(
  R = R.version.string,
  n = c(4, 5, 6, 10, 20, 50, 100),
  smallest = smallest(c(4, 5, 6, 10, 20, 50, 100)),
  p_of_0.9_in_4 = p_of(0.9, 4),
  power_of_10 = power,
  genes = nrow(logs),
  called_urea = sum(urea$p_adjusted < 0.05),
  called_weight = sum(weight$p_adjusted < 0.05),
  gene_0414 = as.list(urea[urea$gene == "gene_0414", ]),
  with_a_missing_p = p.adjust(c(0.001, 0.2, NA), "BH")
), "ten_mice.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
