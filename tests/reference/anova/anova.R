# Type III tests where they are not simply the coefficients: factors, interactions, covariates, unbalanced cells; random slopes
# of factors, nesting, crossing. Data of lmerTest (`ham`, `carrots`), rows left out so that no cell count is even.
# Run in this folder: Rscript anova.R; it writes ham.csv, carrots.csv and anova.json.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
set.seed(3)
data(ham); ham <- ham[ham$Consumer %in% unique(ham$Consumer)[1:30], c("Consumer", "Product", "Informed.liking", "Information", "Gender", "Age")]
ham <- ham[sort(sample(nrow(ham), 200)), ]; ham$Consumer <- paste0("c", ham$Consumer); ham$Product <- paste0("p", ham$Product)
ham$Information <- ifelse(ham$Information == 1, "no", "yes"); ham$Gender <- paste0("g", ham$Gender)
write.csv(ham, "ham.csv", row.names = FALSE, quote = FALSE); ham <- read.csv("ham.csv", stringsAsFactors = TRUE)
data(carrots); carrots <- carrots[, c("Consumer", "Product", "Preference", "Homesize", "sens2")]
carrots <- carrots[carrots$Consumer %in% unique(carrots$Consumer)[1:40], ]; carrots <- na.omit(carrots[sort(sample(nrow(carrots), 400)), ])
carrots$Consumer <- paste0("c", carrots$Consumer); carrots$Product <- paste0("p", carrots$Product); carrots$Homesize <- ifelse(carrots$Homesize == 1, "small", "large")
write.csv(carrots, "carrots.csv", row.names = FALSE, quote = FALSE); carrots <- read.csv("carrots.csv", stringsAsFactors = TRUE)
rows <- function(x) cbind(term = rownames(x), as.data.frame(x))
one <- function(name, formula) {
  f <- suppressMessages(lmer(as.formula(formula), get(name), control = control))
  cat(formula, isSingular(f), "\n"); print(anova(f))
  list(csv = paste0(name, ".csv"), formula = formula, nobs = nobs(f), singular = isSingular(f), REMLcrit = REMLcrit(f),
       varcorr = as.data.frame(VarCorr(f)), satterthwaite = rows(coef(summary(f))), kenward_roger = rows(coef(summary(f, ddf = "Kenward-Roger"))),
       anova_III_satt = rows(anova(f)), anova_III_KR = rows(anova(f, ddf = "Kenward-Roger")),
       vcov = unname(as.matrix(vcov(f))), vcov_KR = unname(as.matrix(vcovAdj(f))), ranef = lapply(ranef(f, condVar = FALSE), function(b) cbind(level = rownames(b), b)))
}
models <- list(
  one("ham", "Informed.liking ~ Gender * Information + Age + (1 | Consumer)"),
  one("ham", "Informed.liking ~ Product * Age + Gender + (1 | Consumer)"),
  one("ham", "Informed.liking ~ Product * Information * Gender + (1 | Consumer)"),
  one("ham", "Informed.liking ~ Product * Information + (1 | Consumer / Product)"),
  one("ham", "Informed.liking ~ Product + Information + (0 + Information | Consumer)"),
  one("ham", "Informed.liking ~ Information + Product:Information + (1 | Consumer)"),
  one("ham", "Informed.liking ~ 0 + Product + Age + (1 | Consumer)"),
  one("carrots", "Preference ~ sens2 * Homesize + (1 + sens2 | Consumer) + (1 | Product)"),
  one("carrots", "Preference ~ sens2 + I(sens2^2) + Homesize + (sens2 || Consumer)"))
versions <- lapply(c(lme4 = "lme4", lmerTest = "lmerTest", pbkrtest = "pbkrtest"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, lmm = models), "anova.json", digits = NA, auto_unbox = TRUE)
