# How R prints tables of coefficients: lines, to be matched character by character.
# Run in this folder: Rscript printed.R; it reads the data of the folders beside it and writes printed.json.
suppressMessages({library(lmerTest); library(jsonlite)})
options(width = 200)
rows <- function(x) cbind(term = rownames(x), as.data.frame(x))
printed <- function(fit) {  # what summary() shows below "Fixed effects:"
  lines <- capture.output(print(summary(fit), correlation = FALSE))
  lines[(which(lines == "Fixed effects:") + 1):length(lines)]
}
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9))
one <- function(csv, formula, prepare = identity) {
  fit <- lmer(as.formula(formula), prepare(read.csv(csv, stringsAsFactors = TRUE)), control = control)
  list(csv = csv, formula = formula, lines = printed(fit))
}
lengths <- function(d) {
  d$condition <- relevel(d$condition, "NO DRUG")
  d$gene_name <- relevel(d$gene_name, "C")
  d
}
models <- list(
  one("../lengths/lengths.csv.gz", "log(length) ~ condition * gene_name + (1 | replicate)", lengths),
  one("../classic/sleepstudy.csv", "Reaction ~ Days + (Days | Subject)"),
  one("../classic/Pastes.csv", "strength ~ cask + (1 | sample)"),
  one("../anova/ham.csv", "Informed.liking ~ Product * Information + Age + (1 | Consumer)"),
  one("../anova/carrots.csv", "Preference ~ sens2 * Homesize + (1 | Consumer) + (1 | Product)")
)

# Numbers of every size, printed by the function that summary() calls with the digits that it asks for.
set.seed(5)
draw <- function(k) {
  n <- sample(1:6, 1)
  size <- runif(1, -4, 4)
  x <- cbind(Estimate = rnorm(n) * 10^(size + runif(n, -1, 1)), `Std. Error` = 10^(size + runif(n, -2, 0)),
             df = if (k %% 3 == 0) rep(sample(3:30, 1), n) else 10^runif(n, 0, sample(1:5, 1)))
  if (k %% 4 == 0) x[, 1] <- signif(x[, 1], 2)
  t <- x[, 1] / x[, 2] * if (k %% 5 == 0) 0.01 else 1
  x <- cbind(x, `t value` = t, `Pr(>|t|)` = 2 * pt(-abs(t), x[, 3]))
  rownames(x) <- paste0("x", seq_len(n) + if (k %% 2) 0 else 98)
  x
}
numbers <- lapply(1:60, function(k) {
  x <- draw(k)
  list(table = rows(x), lines = capture.output(printCoefmat(x, digits = 4, has.Pvalue = TRUE)))
})
versions <- lapply(c(lme4 = "lme4", lmerTest = "lmerTest"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, models = models, numbers = numbers), "printed.json",
           digits = NA, auto_unbox = TRUE, pretty = 1, rownames = FALSE)
