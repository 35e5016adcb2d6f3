# Nested fixed factors, a/b in the fixed part, at a tight optimum: columns, tables and tests.
# Run in this folder: Rscript nested.R; it writes nested.json.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
rows <- function(x) cbind(term = rownames(x), as.data.frame(x))
ham <- read.csv("../anova/ham.csv", stringsAsFactors = TRUE)
ham$Kind <- factor(ifelse(ham$Product %in% c("p1", "p2"), "dry", "wet"))       # products lie within kinds
one <- function(formula) {
  f <- suppressMessages(lmer(as.formula(formula), ham, control = control)); print(names(fixef(f)))
  print(anova(f, type = 1)); X <- getME(f, "X")
  list(formula = formula, REMLcrit = REMLcrit(f), satterthwaite = rows(coef(summary(f))), kenward_roger = rows(coef(summary(f, ddf = "Kenward-Roger"))),
       type1 = rows(anova(f, type = 1, ddf = "Kenward-Roger")), drop1 = rows(drop1(f, ddf = "Kenward-Roger")),
       dropped = names(attr(X, "col.dropped")), predicted = unname(predict(f, re.form = NA)))
}
models <- lapply(c("Informed.liking ~ Gender / Information + (1 | Consumer)",
                   "Informed.liking ~ Gender / Information / Product + (1 | Consumer)",
                   "Informed.liking ~ Gender / Age + Product + (1 | Consumer)",
                   "Informed.liking ~ (Gender + Information) / Age + (1 | Consumer)",
                   "Informed.liking ~ Kind / Product + (1 | Consumer)"), one)
versions <- lapply(c(lme4 = "lme4", lmerTest = "lmerTest", pbkrtest = "pbkrtest"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, models = models), "nested.json", digits = NA, auto_unbox = TRUE)
