# The oats of Yates (1935), as R's nlme carries them: writes data/oats.csv, and prints four models of them.
# Run in this folder: Rscript oats.R > oats.json
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
o <- data.frame(block = as.character(nlme::Oats$Block), variety = as.character(nlme::Oats$Variety),
                nitrogen = nlme::Oats$nitro, harvest = nlme::Oats$yield)
o <- o[order(factor(o$block, c("I", "II", "III", "IV", "V", "VI")), o$variety, o$nitrogen), ]
write.csv(o, "../../../data/oats.csv", row.names = FALSE, quote = FALSE)
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9))
rows <- function(x) cbind(term = rownames(x), as.data.frame(x))
one <- function(formula) {
  fit <- suppressWarnings(lmer(as.formula(formula), o, control = control))
  list(formula = formula, varcorr = as.data.frame(VarCorr(fit))[, c("grp", "vcov")],
       satterthwaite = rows(anova(fit)), kenward_roger = rows(anova(fit, ddf = "Kenward-Roger")))
}
models <- lapply(c("harvest ~ nitrogen + variety + (1 | block)", "harvest ~ nitrogen + variety + (1 | block/variety)",
                   "harvest ~ nitrogen + variety + (1 | block) + (1 | block:variety)"), one)
plots <- aggregate(harvest ~ block + variety, o, mean)
means <- anova(lm(harvest ~ block + variety, plots))
versions <- lapply(c(nlme = "nlme", lme4 = "lme4", lmerTest = "lmerTest", pbkrtest = "pbkrtest"),
                   function(p) as.character(packageVersion(p)))
cat(toJSON(list(R = R.version.string, versions = versions, models = models, plot_means = rows(means)),
           digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
