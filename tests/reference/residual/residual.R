# Residual variances by group (varIdent) and autocorrelation (corAR1): nlme at a tight optimum.
# Run in this folder: Rscript residual.R; it writes Orthodont.csv, BodyWeight.csv, Ovary.csv (data of nlme) and
# residual.json. Oats is data/oats.csv without its dots.
suppressMessages({library(nlme); library(jsonlite)})
plain <- function(d) { for (k in names(d)) if (is.ordered(d[[k]])) d[[k]] <- factor(as.character(d[[k]])); as.data.frame(d) }
orthodont <- plain(Orthodont); orthodont$Sex <- factor(as.character(orthodont$Sex))
body <- plain(BodyWeight); body$turn <- ave(body$Time, body$Rat, FUN = seq_along)
ovary <- plain(Ovary)
ovary$turn <- ave(ovary$Time, ovary$Mare, FUN = seq_along)
ovary$s <- sin(2 * pi * ovary$Time); ovary$c <- cos(2 * pi * ovary$Time)
set.seed(11)
gaps <- ovary[sort(sample(nrow(ovary), 240)), ]  # whole turns are missing
oats <- data.frame(yield = Oats$yield, nitro = Oats$nitro, Variety = factor(as.character(Oats$Variety)), Block = factor(as.character(Oats$Block)))
gaps$w <- signif(rgamma(nrow(gaps), 3, 1) + 0.1, 4); gaps$half <- ifelse(gaps$Time < 0.5, "early", "late")
tables <- list(Orthodont = orthodont, BodyWeight = body, Ovary = ovary, Gaps = gaps, Oats = oats)
for (name in names(tables)) write.csv(tables[[name]], paste0(name, ".csv"), row.names = FALSE, quote = FALSE)
control <- lmeControl(maxIter = 1000, msMaxIter = 1000, tolerance = 1e-12, msTol = 1e-14, niterEM = 100, opt = "optim",
                      optimMethod = "BFGS", returnObject = FALSE)
second <- lmeControl(maxIter = 1000, msMaxIter = 1000, tolerance = 1e-10, msTol = 1e-12, msMaxEval = 5000)
fitted_best <- function(...) {  # of two optimizers the one with the higher likelihood
  fits <- Filter(Negate(is.null), lapply(list(control, second), function(control) tryCatch(lme(..., control = control), error = function(e) { cat(conditionMessage(e), "\n"); NULL })))
  fits[[which.max(sapply(fits, function(f) as.numeric(logLik(f))))]]
}
one <- function(table, fixed, random, ours, by = NULL, series = NULL, weights = NULL, equal = TRUE) {
  d <- tables[[table]]
  arguments <- list(fixed = as.formula(fixed), data = d, random = random)
  known <- if (is.null(weights)) NULL else varFixed(as.formula(paste0("~ I(1 / ", weights, ")")))
  own <- if (is.null(by)) NULL else varIdent(form = as.formula(paste("~ 1 |", by)))
  variance <- if (is.null(known)) own else if (is.null(own)) known else varComb(known, own)
  if (!is.null(variance)) arguments$weights <- variance
  if (!is.null(series)) arguments$correlation <- corAR1(form = as.formula(paste("~", series)))
  f <- do.call(fitted_best, arguments)
  ml <- do.call(fitted_best, c(arguments, method = "ML"))
  cat(fixed, as.character(ours), logLik(f), "\n")
  i <- tryCatch(intervals(f), error = function(e) { cat(conditionMessage(e), "\n"); NULL })
  rows <- function(m) if (is.null(m)) NULL else data.frame(name = rownames(m), low = m[, "lower"], estimate = m[, "est."], high = m[, "upper"], row.names = NULL)
  out <- list(table = table, formula = paste(fixed, "+", ours), by = by, series = series, weights = weights,
    log_likelihood = as.numeric(logLik(f)), ml_log_likelihood = as.numeric(logLik(ml)), aic = AIC(ml), bic = BIC(ml),
    coefficients = data.frame(term = names(fixef(f)), estimate = unname(fixef(f)), std_error = sqrt(diag(vcov(f)))),
    covariance = unname(vcov(f)),
    sigma = f$sigma, ratios = if (is.null(by)) NULL else rows(if (is.null(i)) NULL else as.matrix(i$varStruct)),
    autocorrelation = if (is.null(series)) NULL else rows(if (is.null(i)) NULL else as.matrix(i$corStruct)),
    phi = if (is.null(series)) NULL else unname(coef(f$modelStruct$corStruct, unconstrained = FALSE)),
    ratio_estimates = if (is.null(by)) NULL else as.list(coef(if (is.null(known)) f$modelStruct$varStruct else f$modelStruct$varStruct$B, unconstrained = FALSE, allCoef = TRUE)),
    fitted = head(unname(fitted(f)), 6), residuals = head(as.numeric(residuals(f)), 6),
    pearson = head(as.numeric(residuals(f, type = "pearson")), 6),
    modes = head(unname(as.matrix(if (is.data.frame(ranef(f))) ranef(f) else ranef(f)[[1]])[, 1]), 5))
  simple <- arguments; simple$correlation <- NULL; simple$weights <- known
  a <- anova(do.call(fitted_best, c(simple, method = "ML")), ml)
  out$against_simple <- list(statistic = a$L.Ratio[2], df = a$df[2] - a$df[1], p = a$`p-value`[2])
  out
}
models <- list(
  one("Orthodont", "distance ~ age * Sex", ~ 1 | Subject, "(1 | Subject)", by = "Sex"),
  one("Orthodont", "distance ~ age * Sex", ~ 1 + age | Subject, "(1 + age | Subject)", by = "Sex"),
  one("BodyWeight", "weight ~ Time * factor(Diet)", ~ 1 + Time | Rat, "(1 + Time | Rat)", by = "Diet"),
  one("Oats", "yield ~ nitro", ~ 1 | Block / Variety, "(1 | Block / Variety)", by = "Variety"),
  one("Ovary", "follicles ~ s + c", ~ 1 | Mare, "(1 | Mare)", series = "turn | Mare"),
  one("Ovary", "follicles ~ s + c", list(Mare = pdDiag(~ s)), "(1 + s || Mare)", series = "turn | Mare"),
  one("Gaps", "follicles ~ s + c", ~ 1 | Mare, "(1 | Mare)", series = "turn | Mare"),
  one("Gaps", "follicles ~ s + c", ~ 1 | Mare, "(1 | Mare)", series = "turn | Mare", by = "half"),
  one("Gaps", "follicles ~ s + c", ~ 1 | Mare, "(1 | Mare)", series = "turn | Mare", by = "half", weights = "w"),
  one("BodyWeight", "weight ~ Time * factor(Diet)", ~ 1 + Time | Rat, "(1 + Time | Rat)", series = "Time | Rat"),
  one("BodyWeight", "weight ~ Time * factor(Diet)", ~ 1 + Time | Rat, "(1 + Time | Rat)", series = "turn | Rat", by = "Diet"))
write_json(list(R = R.version.string, nlme = as.character(packageVersion("nlme")), models = models), "residual.json", digits = NA,
           auto_unbox = TRUE, pretty = TRUE, null = "null")
