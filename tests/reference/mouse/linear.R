# Lesson 03: a slope, a joint test, and tests that allow for unequal spread, of the ten mice.
# Run in this folder: Rscript linear.R > linear.json
mice <- read.csv("../../../data/mouse_scores.csv")
mice$group <- factor(mice$group, levels = c("C", "HP", "CR"))
mice$urea100 <- mice$urea / 100
line <- lm(gene_x ~ urea100, mice)
inside <- lm(gene_x ~ urea100 + group, mice)
both <- lm(gene_x ~ urea100 + weight, mice)
scores <- lm(gene_x ~ urea_score + weight_score, mice)
joint <- anova(lm(gene_x ~ 1, mice), both)
h <- hatvalues(both); X <- model.matrix(both); B <- solve(crossprod(X))
V <- B %*% crossprod(X * resid(both) / (1 - h)) %*% B
hc3 <- 2 * pt(-abs(coef(both) / sqrt(diag(V))), df.residual(both))
b <- coef(both)[-1]
hc3_joint <- pf(c(b %*% solve(V[-1, -1]) %*% b) / 2, 2, df.residual(both), lower.tail = FALSE)
one <- function(fit, row) coef(summary(fit))[row, "Pr(>|t|)"]
joint_p <- function(fit) { f <- summary(fit)$fstatistic; pf(f[[1]], f[[2]], f[[3]], lower.tail = FALSE) }
without <- sapply(mice$animal, function(a) joint_p(lm(gene_x ~ urea100 + weight, subset(mice, animal != a))))
numbers <- c(
  urea = one(line, "urea100"), urea_beside_group = one(inside, "urea100"), urea_beside_weight = one(both, "urea100"),
  joint_F = joint$F[2], joint = joint$`Pr(>F)`[2], r2_values = summary(both)$r.squared, r2_scores = summary(scores)$r.squared,
  welch = oneway.test(gene_x ~ group, mice)$p.value,
  welch_cr_c = t.test(gene_x ~ group, subset(mice, group != "HP"))$p.value, hc3 = hc3[["urea100"]], hc3_joint = hc3_joint)
json <- function(x) paste0("{", paste(sprintf('"%s": %.15g', names(x), x), collapse = ", "), "}")
cat('{"R": "', R.version.string, '",\n "numbers": ', json(numbers), ',\n "without": ', json(without), "}\n", sep = "")
